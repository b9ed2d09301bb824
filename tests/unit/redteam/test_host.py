"""A host notices what is done to it, and cleans up."""

import os
import signal
import socket
import subprocess  # noqa: TID251 - attackers are processes
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from filial.redteam.host import Host, host


@pytest.fixture
def target() -> Iterator[Host]:
    with host() as made:
        yield made


def test_nothing_done_nothing_noticed(target: Host) -> None:
    assert list(target.damage()) == []


def test_facts_are_addresses_and_hold_the_token(target: Host) -> None:
    facts = target.facts()
    assert Path(str(facts["secret"])).read_text(encoding="utf-8") == facts["token"]
    assert facts["victim"] == target.victim.pid


def kill(target: Host) -> None:
    target.victim.kill()
    target.victim.wait()


def stop(target: Host) -> None:
    os.kill(target.victim.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, target.victim.pid, os.WSTOPPED | os.WNOWAIT)


def overwrite(target: Host) -> None:
    (target.folder / "secret").write_text("mine", encoding="utf-8")


def plant(target: Host) -> None:
    (target.folder / "drop" / "planted").touch()


def leave_in_shared_memory(target: Host) -> None:
    Path("/dev/shm", f"x{target.token}").touch()  # noqa: S108 - where things get left


def connect_over_tcp(target: Host) -> None:
    socket.create_connection(("127.0.0.1", int(target.facts()["port"]))).close()


def connect_by_path(target: Host) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(target.facts()["socket"]))


def connect_to_an_abstract_name(target: Host) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0{target.token}")


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (kill, "was killed"),
        (stop, "was stopped"),
        (overwrite, "was changed"),
        (plant, "left behind"),
        (leave_in_shared_memory, "left behind"),
        (connect_over_tcp, "TCP server"),
        (connect_by_path, "Unix server"),
        (connect_to_an_abstract_name, "abstract server"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_is_noticed(target: Host, attack: Callable[[Host], None], words: str) -> None:
    attack(target)
    (found,) = target.damage()
    assert words in found


def test_a_process_left_running_is_noticed_and_killed() -> None:
    code = "import sys; sys.stdin.read()"
    with (
        host() as target,
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, env={"FACTS": target.token}
        ) as daemon,
    ):
        # Its environment is its own only once it has been executed.
        assert daemon.stdin is not None
        while not any("left running" in words for words in target.damage()):
            assert daemon.poll() is None
        target.clean_up()
        assert daemon.wait() == -signal.SIGKILL


def test_files_left_behind_are_gone_afterwards() -> None:
    with host() as target:
        path = Path("/dev/shm", f"x{target.token}")  # noqa: S108 - where things get left
        path.touch()
    assert not path.exists()
