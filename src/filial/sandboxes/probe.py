"""The program that the self-test runs inside: tries to get out and reports what worked.

Argument: JSON with what there is to attack. Answers with one line of JSON through the data pipe,
which a process that it leaves behind keeps open for a while.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

_AFTERLIFE_S = 5.0


def main() -> None:
    """Does what a benign program does, then attacks."""
    facts = json.loads(sys.argv[1])
    with os.fdopen(int(os.environ["FILIAL_IN"]), "rb") as questions:  # noqa: TID251 - inside
        word = questions.readline().decode()
    (Path(os.environ["FILIAL_OUT"]) / "benign").write_text(word)  # noqa: TID251 - inside
    attacks: dict[str, Callable[[], bool]] = {
        "read a file of the host": lambda: facts["token"] in Path(facts["secret"]).read_text(),
        "write outside": lambda: _writes(facts["folders"]),
        "connect over TCP": lambda: _connects(facts["port"]),
        "share the caller's process group": lambda: _shares(facts["group"], facts["namespace"]),
        "read another process's environment": lambda: _spies(facts["victim"], facts["token"]),
        "signal another process": lambda: _signals(facts["victim"]),
        "run on the host's kernel": lambda: _is_same_kernel(*facts["kernel"]),
    }
    report = {
        "word": word,
        "variables": sorted(os.environ),  # noqa: TID251 - inside
        "won": [name for name, attack in attacks.items() if _wins(attack)],
    }
    with os.fdopen(int(os.environ["FILIAL_OUT_FD"]), "wb") as answers:  # noqa: TID251 - inside
        answers.write(json.dumps(report).encode() + b"\n")
        answers.flush()
        _leave_behind()


def _leave_behind() -> None:
    """Leaves a process in a session of its own, which has all that we have open."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.close(reader)
            os.write(writer, b"x")
            time.sleep(_AFTERLIFE_S)
        os._exit(0)
    os.read(reader, 1)
    os.wait()


def _wins(attack: Callable[[], bool]) -> bool:
    try:
        return attack()
    except OSError:
        return False


def _writes(folders: list[str]) -> bool:
    planted = [folder for folder in folders if _wins(partial(_plants, Path(folder)))]
    return bool(planted)


def _plants(folder: Path) -> bool:
    return (folder / "planted").write_text("x") > 0


def _connects(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True


def _signals(victim: int) -> bool:
    # In a namespace the number is nobody's, or ours by chance.
    if victim not in {os.getpid(), os.getppid()}:
        os.kill(victim, signal.SIGKILL)
    return False  # the victim's fate tells, outside


def _shares(group: int, namespace: str) -> bool:
    # In a namespace of its own the number of a group outside reads 0.
    link = Path("/proc/self/ns/pid")
    same = (str(link.readlink()) if link.is_symlink() else "") == namespace
    return os.getpgrp() == 0 or (same and os.getpgrp() == group)


def _is_same_kernel(boot: str, version: str) -> bool:
    # Not every sandbox lets this file be read; every one says which version it runs on.
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text() == boot
    return " ".join(os.uname()[2:]) == version


def _spies(victim: int, token: str) -> bool:
    return token in Path(f"/proc/{victim}/environ").read_text()


if __name__ == "__main__":
    main()
