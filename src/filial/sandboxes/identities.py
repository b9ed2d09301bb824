"""User numbers of their own for candidates that root starts."""

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from filial.errors import SandboxError

_FIRST, _COUNT = 1_900_000_000, 10_000
# CHOWN, SETGID, SETUID, SETPCAP, SYS_ADMIN
_NEEDED_CAPABILITIES = (0, 6, 7, 8, 21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A number that no other running tree of this network namespace has.

    Attributes:
        uid: User and group number.
        claim: Keeps others from taking the number for as long as somebody holds it open.
        namespace: User namespace in which root's files are this number's; -1 for none.
    """

    uid: int
    claim: socket.socket
    namespace: int


class Identities:
    """The numbers this process has claimed; each goes from one tree to the next."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free: list[Identity] = []
        self._all: list[Identity] = []

    def take(self, lend: Callable[[int], int]) -> Identity:
        """Returns a number that is free.

        Args:
            lend: Makes the namespace for a number; -1 if the kernel gives none.

        Raises:
            SandboxError: None is.
        """
        with self._lock:
            if self._free:
                return self._free.pop()
        uid, claim = _claim()
        try:
            identity = Identity(uid=uid, claim=claim, namespace=lend(uid))
        except SandboxError:
            claim.close()
            raise
        with self._lock:
            self._all.append(identity)
        return identity

    def give_back(self, identity: Identity) -> None:
        """Frees a number whose tree is dead."""
        with self._lock:
            self._free.append(identity)

    def close(self) -> None:
        """Gives up all claims, once nobody takes or gives back numbers any more."""
        for identity in self._all:
            identity.claim.close()
            if identity.namespace >= 0:
                os.close(identity.namespace)
        self._all, self._free = [], []


def are_ours_to_give() -> bool:
    """Whether this process may give others any user number: root, and not of a container."""
    if os.geteuid() != 0:
        return False
    status = Path("/proc/self/status").read_text().partition("CapEff:")[2]
    capabilities = int(status.split(maxsplit=1)[0], 16)
    return _all_numbers_exist() and all(capabilities >> n & 1 for n in _NEEDED_CAPABILITIES)


def _all_numbers_exist() -> bool:
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= _FIRST and first + count >= _FIRST + _COUNT:
            return True
    return False


def _claim() -> tuple[int, socket.socket]:
    """Takes a number for which no process of this network namespace holds the socket.

    The search begins anywhere: another network namespace of the machine may hand out numbers, too.

    Raises:
        SandboxError: All are taken.
    """
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    start = secrets.randbelow(_COUNT)
    for k in range(_COUNT):
        uid = _FIRST + (start + k) % _COUNT
        try:
            claim.bind(f"\0filial-user-{uid}")
        except OSError:
            continue
        return uid, claim
    claim.close()
    raise SandboxError("no user number is free for another candidate")
