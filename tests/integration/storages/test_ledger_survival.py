"""A ledger outlives its process, a full disk, and a second writer."""

import os
import signal
import subprocess  # noqa: TID251 - processes to kill
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from filial.core import RunStopped
from filial.errors import BusyError, HostError
from filial.storages import SqliteStorage, decode

APPEND = """
import sys
from pathlib import Path
from filial.core import RunStopped
from filial.storages import SqliteStorage

storage = SqliteStorage(Path(sys.argv[1]), clock=lambda: 1.0)
for number in range(int(sys.argv[2])):
    storage.put(b"%d" % number)
    event = storage.append(RunStopped(reason=f"{number} " + "x" * 500))
    print(event.seq, flush=True)
"""

FILL = """
import resource, sys
from pathlib import Path
from filial.core import RunStopped
from filial.errors import HostError
from filial.storages import SqliteStorage

storage = SqliteStorage(Path(sys.argv[1]), clock=lambda: 1.0)
storage.append(RunStopped(reason="first"))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
appended = 1
try:
    while True:
        storage.append(RunStopped(reason="x" * 10_000))
        appended += 1
except HostError as error:
    print(appended, str(error).count("\\n"), error)
try:
    storage.put(b"x" * 300_000)
except HostError as error:
    print(error)
"""

READ = """
import os, sys
from pathlib import Path
from filial.core import RunStopped
from filial.storages import SqliteStorage, decode, encode

decode("RunStopped", encode(RunStopped(reason="")), seq=1)  # all imports, while we may read
if os.getuid() == 0:
    os.setuid(65534)
storage = SqliteStorage(Path(sys.argv[1]), clock=lambda: 1.0, read_only=True)
print(storage.verify(), len(list(storage.events())))
"""


def python(program: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("n_events", [1, 7, 150])
def test_kill_in_the_middle_of_appending(tmp_path: Path, n_events: int) -> None:
    with python(APPEND, tmp_path, 1_000_000) as process:
        assert process.stdout is not None
        for _ in range(n_events):
            seen = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        seen = max([seen, *map(int, process.stdout.read().split("\n")[:-1])])
    with closing(SqliteStorage(tmp_path, clock=lambda: 2.0)) as storage:
        n_kept = storage.verify()
        # One more than was announced may have been written, never fewer.
        assert seen <= n_kept <= seen + 1
        assert storage.append(RunStopped(reason="after")).seq == n_kept + 1
        assert storage.verify() == n_kept + 1
        assert not list((tmp_path / "blobs" / "incoming").iterdir())


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    with python(APPEND, tmp_path, 1_000_000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(BusyError, match=f"process {process.pid} is writing to"):
            SqliteStorage(tmp_path, clock=lambda: 2.0)
        with closing(SqliteStorage(tmp_path, clock=lambda: 2.0, read_only=True)) as storage:
            assert storage.verify() >= 1
        process.kill()
        process.stdout.read()


def test_a_full_disk_is_the_hosts_trouble_and_adds_nothing(tmp_path: Path) -> None:
    with python(FILL, tmp_path) as process:
        assert process.stdout is not None
        appended, put = process.stdout.read().splitlines()
        assert process.wait() == 0
    n_events, n_line_ends, message = appended.split(maxsplit=2)
    assert n_line_ends == "0"
    assert "ledger.sqlite: " in message
    assert put.startswith("cannot store a blob in")
    with closing(SqliteStorage(tmp_path, clock=lambda: 2.0)) as storage:
        assert storage.verify() == int(n_events)
        assert storage.append(RunStopped(reason="space again")).seq == int(n_events) + 1


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a tiny disk needs root")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this root may not mount")
    try:
        with closing(SqliteStorage(tmp_path, clock=lambda: 2.0)) as storage:
            appended = 0
            with pytest.raises(HostError, match="disk is full"):  # noqa: PT012 - until it fails
                while True:
                    storage.append(RunStopped(reason="x" * 10_000))
                    appended += 1
            with pytest.raises(HostError, match="No space left on device"):
                storage.put(b"x" * 500_000)
            assert storage.verify() == appended > 0
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("is_clean", [True, False])
def test_somebody_who_may_not_write_can_verify(tmp_path: Path, is_clean: bool) -> None:
    # Not below tmp_path, which only its owner may enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n_events = 20 if is_clean else 1_000_000
        with python(APPEND, folder, n_events) as process:
            assert process.stdout is not None
            for _ in range(20):
                process.stdout.readline()
            if not is_clean:
                process.kill()
            process.stdout.read()
        folder.chmod(0o555)
        with python(READ, folder) as process:
            assert process.stdout is not None
            verified, read = map(int, process.stdout.read().split())
        folder.chmod(0o755)
    assert verified == read >= 20


def test_the_text_in_the_file_is_the_canonical_text(tmp_path: Path) -> None:
    with closing(SqliteStorage(tmp_path, clock=lambda: 1.0)) as storage:
        storage.append(RunStopped(reason="ü"))
    data = (tmp_path / "ledger.sqlite").read_bytes()
    text = '{"kind":"RunStopped","reason":"ü"}'.encode()
    assert text in data
    assert decode("RunStopped", text, seq=1) == RunStopped(reason="ü")
