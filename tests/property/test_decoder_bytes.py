"""Whatever bytes a candidate or a proposer sends, every decoder keeps its rule."""

import json
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filial.core import Failure, FailureKind
from filial.exams import Plain
from filial.exams.frames import Decoder, encode
from filial.testing.decoders import FILES, MAX_DETAIL, READERS, Reader, framed
from filial.workspace import diffs, patch_from_diff

CRASHERS = Path(__file__).parents[1] / "assets" / "crashers"
EVERY = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)

# Any bytes, and valid ones with a few changes


@EVERY
def test_seeds_are_accepted(reader: Reader) -> None:
    assert all(map(reader.check, reader.seeds))


@EVERY
@given(data=st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes(reader: Reader, data: bytes) -> None:
    reader.check(data)


@st.composite
def changed(draw: st.DrawFn, reader: Reader) -> bytes:
    """A seed with slices removed, doubled, or replaced by words, bytes or parts of other seeds."""
    data = draw(st.sampled_from(reader.seeds))
    pieces = st.sampled_from((*reader.words, *reader.seeds)) | st.binary(max_size=6)
    for _ in range(draw(st.integers(1, 4))):
        a = draw(st.integers(0, len(data)))
        b = draw(st.integers(a, min(len(data), a + draw(st.sampled_from([0, 1, 8, 500])))))
        piece = draw(pieces | st.just(data[a:b] * 2))
        data = data[:a] + piece + data[b:]
    return data


@EVERY
@given(draw=st.data())
@settings(deadline=None)
def test_changed_seeds(reader: Reader, draw: st.DataObject) -> None:
    reader.check(draw.draw(changed(reader)))


@pytest.mark.parametrize("path", sorted(CRASHERS.glob("*/*")), ids=lambda p: f"{p.parent.name}")
def test_what_once_broke_a_decoder(path: Path) -> None:
    READERS[path.parent.name].check(path.read_bytes())


# The structure of each format, with wrong content

TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "\x1b[2J", "a.py", "../x", "x" * 5000])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just(10**4000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


PATCHES = st.sampled_from([seed.decode() for seed in READERS["diffs"].seeds]) | TEXT
LINES = st.fixed_dictionaries(
    {},
    optional={
        "hypothesis": TEXT | JSON,
        "predicted": st.fixed_dictionaries({"metric": TEXT, "effect": JSON}) | JSON,
        "files": st.dictionaries(TEXT, st.none() | TEXT | JSON, max_size=3),
        "diff": PATCHES | JSON,
        "other": JSON,
    },
)


@given(LINES)
def test_near_lines(line: Mapping[str, object]) -> None:
    READERS["replay"].check(as_json(line))


DIFF_LINES = st.sampled_from(
    [
        *(word.decode().strip() for word in READERS["diffs"].words),
        *(f"{mark}{line}" for mark in " +-" for line in ("one", "two", "three", "")),
        "diff --git a/a.py b/a.py",
        "--- a/a.py",
        "+++ b/a.py",
        "--- a/empty",
        "+++ /dev/null",
        "@@ -1,3 +1,3 @@",
        "@@ -0,0 +1 @@",
        "@@ -999999999,2 +1 @@",
        'rename to "c/\\303"',
    ]
)


@given(st.lists(DIFF_LINES, max_size=14))
def test_near_diffs(lines: list[str]) -> None:
    READERS["diffs"].check("\n".join(lines).encode())


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """An event of a ledger with one value somewhere replaced, removed or added."""
    kind, _, text = draw(st.sampled_from(READERS["events"].seeds)).partition(b"\n")
    body = json.loads(text)
    place = body
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or draw(st.booleans()):
            break
        place = place[key]
    if draw(st.booleans()):
        place[key] = draw(JSON)
    elif draw(st.booleans()):
        del place[key]
    else:
        place[draw(TEXT)] = draw(JSON)
    return kind + b"\n" + as_json(body)


@given(bodies())
def test_near_events(data: bytes) -> None:
    READERS["events"].check(data)


TABLES = ("study", "surfaces", "build", "exam", "proposers", "gate", "budget", "oversight", "run")
KEYS = ("name", "goal", "seed", "class", "memory", "cpu_s", "wall", "trials", "operators", "batch")
VALUES = st.one_of(
    st.integers().map(str),
    st.sampled_from(
        ["inf", "nan", "2020-01-01", "''", "[]", "{}", "true", '"8h"', "0x" + "f" * 4000]
    ),
    st.sampled_from(['"9999999h"', '"' + "9" * 400 + 'GiB"', "[" * 40, '["\\u0000"]', "9" * 5000]),
)


@given(
    st.lists(st.tuples(st.sampled_from(TABLES), st.sampled_from(KEYS), VALUES), max_size=6),
    st.sampled_from(READERS["settings"].seeds),
)
@settings(deadline=None)
def test_near_settings(lines: list[tuple[str, str, str]], seed: bytes) -> None:
    text = seed.decode()
    for table, key, value in lines:
        text = text.replace(f"[{table}]\n", f"[{table}]\n{key} = {value}\n", 1)
    READERS["settings"].check(text.encode())


# No input makes a decoder take unbounded memory or time


@pytest.mark.parametrize(
    "data",
    [
        b"x." * 8_000 + b"y = 1",
        b"#" * (1 << 20),
        b"x = " + b"[" * 16_000,
        b"x = " + b"9" * 16_000,
    ],
    ids=lambda data: f"{data!r:.12}",
)
def test_settings_that_would_take_minutes(data: bytes) -> None:
    assert not READERS["settings"].check(data)


def refused(diff: str, text: str) -> Failure:
    patch = patch_from_diff(diff, {**FILES, "f": text})
    assert isinstance(patch, Failure)
    assert len(patch.detail) <= MAX_DETAIL
    return patch


HEADER = "--- a/f\n+++ b/f\n"


def test_a_long_diff_is_not_read() -> None:
    failure = refused("x" * (diffs.MAX_DIFF_CHARS + 1), "")
    assert failure.kind is FailureKind.MALFORMED
    assert "are read" in failure.detail


def test_going_through_a_file_again_and_again_is_refused() -> None:
    diff = (f"{HEADER}@@ -1 +1 @@\n-\n+x\n{HEADER}@@ -1 +1 @@\n-x\n+\n") * 5000
    assert "too often" in refused(diff, "\n" * (256 << 10)).detail


def test_a_hunk_that_nearly_fits_everywhere_costs_no_square() -> None:
    n = 100_000
    diff = f"{HEADER}@@ -200000,{n + 1} +1 @@\n" + "-\n" * n + "-y\n+x\n"
    assert refused(diff, "\n" * (256 << 10)).kind is FailureKind.STALE


@pytest.mark.parametrize(
    "value",
    [
        [[]] * 50_000,
        [{}] * 50_000,
        [{"": 0}] * 20_000,
        [[0]] * 30_000,
        [1.5] * 50_000,
        ["Ā"] * 40_000,
        ["ab"] * 40_000,
        "𐀀" * 60_000,
        None,
        7,
        np.zeros(1, np.int8),
        [np.zeros((1,) * 16)] * 64,
        [np.zeros(0)] * 3,
        np.zeros(20_000),
        np.zeros(400_000),
    ],
    ids=lambda value: f"{value!r:.20}",
)
@pytest.mark.parametrize("at_once", [1, 3])
def test_held_answers_take_no_more_than_they_count(value: Plain, at_once: int) -> None:
    """Also after a large one, whose buffer must not stay with a small one."""
    decoder = Decoder()
    list(decoder.feed(encode(["x" * 900_000])))
    data = encode(value)
    n_bursts = max(1, (1 << 18) // len(data))
    held, counted = [], 0
    tracemalloc.start()
    try:
        for _ in range(n_bursts):
            for frame in decoder.feed(data * at_once):
                counted += frame.memory_bytes
                held.append(frame.value)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(held) == n_bursts * at_once
    assert taken <= counted + (128 << 10)  # the decoder's own buffer


def test_framed_is_what_is_on_the_wire() -> None:
    data = encode([np.arange(3)], 4)
    assert framed(b"!" + data) == data
    assert framed(b'{"n":1,"value":2}') == encode(2, 1)
