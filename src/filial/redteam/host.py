"""What there is to win on the host, and whether somebody won it."""

import ctypes
import itertools
import os
import secrets
import select
import signal
import socket
import subprocess  # noqa: TID251 - a victim is a process
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filial.errors import HostError
from filial.sandboxes import procfs, remove_tree

_SEARCHED = ("/dev/shm", "/tmp", "/var/tmp", "/run")  # noqa: S108 - where things get left
_KEY = "REDTEAM_KEY"  # a secret in our own environment
_SCRATCH = "filial-"  # names of folders that sandboxes throw away
_STEPS = 4096  # most files looked at in one place
_FOLDER = "redteam-"
_LONGEST = 107  # bytes of a Unix socket's path


@dataclass(slots=True)
class Host:
    """A machine with something to attack on it.

    Attributes:
        token: A word that occurs nowhere by chance. It is the content of every secret here, and
            part of the name of everything a specimen leaves behind.
        folder: Holds a readable secret, a place to plant things and a socket.
        victim: A process of ours with the token in its environment.
        servers: Sockets that nobody should reach, by name.
        key: A number of a System V object that nothing has by chance.
    """

    token: str
    folder: Path
    victim: "subprocess.Popen[bytes]"
    servers: dict[str, socket.socket]
    key: int = field(default_factory=lambda: 1 << 30 | secrets.randbits(30))

    def facts(self) -> dict[str, str | int]:
        """Returns what a specimen is told, so that no attack fails for want of an address."""
        return {
            "token": self.token,
            "secret": str(self.folder / "secret"),
            "drop": str(self.folder / "drop"),
            "socket": str(self.folder / "socket"),
            "abstract": self.token,
            "key": self.key,
            "port": int(self.servers["TCP"].getsockname()[1]),
            "victim": self.victim.pid,
            "runner": os.getpid(),
            "group": os.getpgrp(),
        }

    def damage(self) -> Iterator[str]:
        """Yields what was done to the machine, in words."""
        if self.victim.poll() is not None:
            yield "a process of the host was killed"
        elif _state(self.victim.pid) == "T":
            yield "a process of the host was stopped"
        if (self.folder / "secret").read_text(encoding="utf-8") != self.token:
            yield "a file of the host was changed"
        for name, server in self.servers.items():
            if select.select([server], [], [], 0)[0]:
                yield f"a {name} server of the host was reached"
        yield from (f"left behind: {path}" for path in self._left_files())
        yield from (f"left running: process {pid}" for pid in self._left_processes())
        yield from (f"left behind: a System V object ({kind})" for kind in self._left_objects())

    def clean_up(self) -> None:
        """Kills and removes what specimens left, so that a lost defence costs nothing more."""
        for pid in self._left_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for path in list(self._left_files()):
            remove_tree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for kind in self._left_objects():
            _remove_object(kind, self.key)

    def _left_files(self) -> Iterator[Path]:
        yield from (self.folder / "drop").iterdir()
        home = Path.home()
        for place in (*map(Path, _SEARCHED), home):
            entries = _entries(place)
            scratch = (entry for entry in entries if entry.name.startswith(_SCRATCH))
            for path in itertools.chain(entries, *map(_entries, scratch)):
                if self.token in path.name:
                    yield path

    def _left_objects(self) -> Iterator[str]:
        for kind in ("shm", "sem", "msg"):
            with suppress(OSError):
                lines = Path("/proc/sysvipc", kind).read_text(encoding="utf-8").splitlines()[1:]
                if any(int(line.split()[0]) == self.key for line in lines):
                    yield kind

    def _left_processes(self) -> Iterator[int]:
        mine = {os.getpid(), os.getppid(), self.victim.pid}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in mine:
                continue
            with suppress(OSError):
                if self.token.encode() in (entry / "environ").read_bytes():
                    yield int(entry.name)


def check_place(folder: Path, n_folders: int) -> None:
    """Refuses a place for temporary files in which a specimen could not reach our socket by name.

    Args:
        folder: The place.
        n_folders: How many folders, one within the other, are made there.

    Raises:
        HostError: Its name is too long.
    """
    inner = "/".join([f"{_FOLDER}{'x' * 8}"] * n_folders)  # as ``tempfile`` names them
    n_bytes = len(os.fsencode(folder / inner / "socket"))
    if n_bytes > _LONGEST:
        raise HostError(
            f"the folder for temporary files has too long a name, {folder}: the path of a socket "
            f"in it would have {n_bytes} bytes, and {_LONGEST} are possible; set TMPDIR to a "
            "shorter one"
        )


@contextmanager
def host() -> Iterator[Host]:
    """Sets a host up, and cleans up behind every specimen at the end."""
    token = f"rt{secrets.token_hex(12)}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_FOLDER)))
        folder.chmod(0o755)
        (folder / "secret").write_text(token, encoding="utf-8")
        (folder / "drop").mkdir()
        (folder / "drop").chmod(0o777)
        victim = stack.enter_context(
            subprocess.Popen(
                ["/bin/cat"],
                stdin=subprocess.PIPE,
                env={"TOKEN": token},
                start_new_session=True,
            )
        )
        stack.callback(victim.kill)
        os.environ[_KEY] = token  # noqa: TID251 - something to inherit
        stack.callback(os.environ.pop, _KEY, None)  # noqa: TID251 - as above
        made = Host(token, folder, victim, dict(_servers(folder, token, stack)))
        stack.callback(made.clean_up)
        yield made


def _servers(folder: Path, token: str, stack: ExitStack) -> Iterator[tuple[str, socket.socket]]:
    yield "TCP", stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    for name, address in (("Unix", str(folder / "socket")), ("abstract", f"\0{token}")):
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(address)
        server.listen()
        yield name, server
    (folder / "socket").chmod(0o777)


def _entries(place: Path) -> list[Path]:
    """The first entries of a folder; others may be at work in it meanwhile."""
    try:
        return list(itertools.islice(place.iterdir(), _STEPS))
    except OSError:
        return []


def _state(pid: int) -> str:
    """The kernel's letter for what a process does; empty if there is none."""
    return b"".join(procfs.stat(pid)[:1]).decode()


def _remove_object(kind: str, key: int) -> None:
    """Removes a System V object."""
    libc = ctypes.CDLL(None)
    match kind:
        case "shm":
            libc.shmctl(libc.shmget(key, 0, 0), 0, None)
        case "sem":
            libc.semctl(libc.semget(key, 0, 0), 0, 0)
        case "msg":
            libc.msgctl(libc.msgget(key, 0), 0, None)
