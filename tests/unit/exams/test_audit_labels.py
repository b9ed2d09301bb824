"""What is looked for, what is found, and what a search says about it."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from filial import Item
from filial.core import Finding, Severity
from filial.exams.audit import labels, scan
from filial.exams.audit.labels import CONTROL, KEYS, Source, facts, judge, of_files, of_keys

KEY = b"k" * 32
WORDS = [hashlib.sha256(bytes([k])).hexdigest() for k in range(40)]


def found(data: bytes, *windows: bytes) -> int:
    search = scan.Search(json.loads(json.dumps(facts([Source("s", windows)], KEY, []))))
    return len(search.found(data))


def test_the_lengths_are_those_of_the_search() -> None:
    assert (labels.LENGTHS, labels.LONG) == (scan.LENGTHS, scan.LONG)


@pytest.mark.parametrize("length", scan.LENGTHS)
@pytest.mark.parametrize("n_before", [0, 1, 1000])
@pytest.mark.parametrize("n_after", [0, 7])
def test_a_window_is_found_wherever_it_is(length: int, n_before: int, n_after: int) -> None:
    rng = np.random.default_rng(length)
    window = rng.bytes(length)
    data = rng.bytes(n_before) + window + rng.bytes(n_after)
    assert found(data, window) == 1
    assert found(data[:-n_after] if n_after else data[1:], rng.bytes(length)) == 0
    assert found(data.replace(window[1:], b""), window) == 0


def test_too_little_data_holds_nothing() -> None:
    assert found(b"", b"x" * 12) == found(b"x" * 11, b"x" * 12) == 0


def test_facts_tell_digests_only() -> None:
    text = json.dumps(facts([Source("s", (WORDS[0][:32].encode(),))], KEY, [Path("/there")]))
    assert WORDS[0][:12] not in text
    assert "/there" in text


@pytest.mark.parametrize(
    ("key", "window"),
    [
        ("Heliocentrism", b"Heliocentris"),
        (WORDS[0], WORDS[0][:32].encode()),
        (123456789012345, b"123456789012"),
        (1234.5678901234567, b"1234.5678901234567"[:16]),
        ([10, 20, 30, 40], b"[10, 20, 30, 40]"),
        (np.arange(8, dtype=np.int16), np.arange(8, dtype=np.int16).tobytes()),
        ("Paris", None),
        (7, None),
        (True, None),
        (None, None),
        ("aaaaaaaaaaaaaaaa", None),
        ({1, 2, 3}, None),
    ],
)
def test_keys_that_can_be_told_from_anything_else(key: Any, window: bytes | None) -> None:
    source = of_keys([Item(None, key=key)])
    assert source == (None if window is None else Source(KEYS, (window,)))


def test_files_are_sampled_but_for_what_is_shown_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text(json.dumps(WORDS))
    (tmp_path / "zeros.bin").write_bytes(bytes(1000))
    (tmp_path / "tiny").write_text("no")
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "a.txt").write_text(json.dumps(WORDS))
    (source,) = of_files(tmp_path, [tmp_path / "shown"], np.random.default_rng(0))
    assert source.name == "private data labels.json"
    assert len(source.windows) > 40
    assert found((tmp_path / "labels.json").read_bytes(), *source.windows) == len(source.windows)


SOURCES = [Source(KEYS, tuple(w[:32].encode() for w in WORDS)), Source(CONTROL, (b"c" * 32,))]


def verdict(n_keys: int, *, control: int = 1, sources: list[Source] = SOURCES) -> Finding:
    hits = {"0": {"n": n_keys, "first": "/box/table.py"}} if n_keys else {}
    if control:
        hits["1"] = {"n": control, "first": "/box/x.bin"}
    report = {"n_files": 3, "is_complete": True, "found": hits}
    (finding,) = judge("the exam", sources, report)
    return finding


def test_what_a_search_means() -> None:
    assert verdict(0).severity is Severity.NOTE
    assert verdict(7).severity is Severity.NOTE  # of 40: texts of one kind share some
    assert verdict(8).severity is Severity.WARNING
    leak = verdict(20)
    assert leak.severity is Severity.ERROR
    assert "20 of 40" in leak.message
    assert "take them out of table.py" in leak.fix


def test_a_few_names_of_classes_may_well_occur_in_the_code() -> None:
    few = [Source(KEYS, tuple(w[:32].encode() for w in WORDS[:3])), SOURCES[1]]
    assert verdict(3, sources=few).severity is Severity.WARNING


def test_a_search_that_misses_its_control_proves_nothing() -> None:
    finding = verdict(0, control=0)
    assert finding.severity is Severity.ERROR
    assert "missed the token" in finding.message


def test_a_search_reads_every_file_below_a_place_once(tmp_path: Path) -> None:
    words = [word[:32].encode() for word in WORDS]
    padding = bytes(scan.CHUNK_BYTES - 10)  # the first word lies across two chunks
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.bin").write_bytes(padding + words[0] + b"--" + words[1])
    (tmp_path / "b.txt").write_bytes(words[1])
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    search = scan.Search(json.loads(json.dumps(facts([Source("s", tuple(words))], KEY, []))))
    found = scan.report(search, scan.files([str(tmp_path), str(tmp_path / "deep"), "/nowhere"]))
    assert found["found"]["0"]["n"] == 2
    assert (found["n_files"], found["is_complete"]) == (2, True)


def test_places_hold_what_the_study_shows_but_not_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FILIAL_CODE", "/box")
    shown = scan.places(["/extra"])
    assert shown[0] == "/box"
    assert shown[-1] == "/extra"
    assert "/tmp" in shown  # noqa: S108 - looked at, not written to
    assert not {"/usr", "/proc", "/dev"} & set(shown)


def test_labels_of_two_kinds_are_found_in_a_copy_and_not_in_others(tmp_path: Path) -> None:
    """A file of zeros and ones has no short part that is its own; its long parts are."""
    rng = np.random.default_rng(3)
    private = tmp_path / "private"
    private.mkdir()
    texts = [json.dumps(rng.integers(2, size=5000).tolist()).encode() for _ in range(2)]
    (private / "labels.json").write_bytes(texts[0])
    (source,) = of_files(private, (), rng)
    key = b"k" * 32
    search = scan.Search(json.loads(json.dumps(facts([source], key, []))))
    assert len(search.found(texts[0])) == len(source.windows)
    assert not search.found(texts[1])


def test_filling_is_nothing_to_look_for(tmp_path: Path) -> None:
    (tmp_path / "zeros.bin").write_bytes(bytes(5000))
    assert list(of_files(tmp_path, (), np.random.default_rng(1))) == []
