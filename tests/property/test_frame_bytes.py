"""The wire format: what goes in comes out, and nothing that arrives can hurt."""

import io
import json
import math
import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from filial.exams import Plain, frames, server
from filial.exams.frames import Decoder, Frame, FrameError, encode

KEYS = st.text(max_size=8).filter(lambda key: key != "$array")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**1000), 2**1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
ARRAYS = st.sampled_from(sorted(frames.DTYPES)).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, min_side=0, max_side=4))
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Equal in value, type, and the dtype and bytes of arrays."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


def decode(data: bytes) -> list[Frame]:
    return list(Decoder().feed(data))


@given(VALUES, st.integers(0, 2**40))
def test_what_goes_in_comes_out(value: Plain, n: int) -> None:
    (frame,) = decode(encode(value, n))
    assert frame.n == n
    assert same(frame.value, value)


@given(VALUES)
def test_the_server_reads_what_the_examiner_writes(value: Plain) -> None:
    stream = io.BytesIO(encode(value, 1) + encode(value, 2))
    (one, two) = server.questions(io.BufferedReader(stream))
    assert (one[0], two[0]) == (1, 2)
    assert same(one[1], value)
    assert same(two[1], value)


@given(VALUES)
def test_the_server_writes_what_the_examiner_writes(value: Plain) -> None:
    (ours,) = decode(encode(value, 3))
    (theirs,) = decode(b"".join(server.reply(3, None, lambda _: value)))
    assert same(ours.value, theirs.value)
    assert ours.n == theirs.n == 3


@given(st.lists(VALUES, max_size=4), st.integers(1, 50))
def test_frames_arrive_whole_however_they_are_cut(values: list[Plain], size: int) -> None:
    data = b"".join(encode(value, n) for n, value in enumerate(values))
    decoder = Decoder()
    found = [
        frame
        for start in range(0, len(data), size)
        for frame in decoder.feed(data[start : start + size])
    ]
    assert [frame.n for frame in found] == list(range(len(values)))
    assert all(same(frame.value, value) for frame, value in zip(found, values, strict=True))
    assert decoder.pending_bytes == 0


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_frames_or_an_error(data: bytes) -> None:
    check_bytes(data)


JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.floats() | st.just({"$array": 0}),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.just("$array"), inner, max_size=3)
    ),
    max_leaves=8,
)
TABLES = st.lists(
    st.tuples(
        st.sampled_from([*sorted(frames.DTYPES), "|O", ">f8", "<f16", "<U4", "f8"]),
        st.lists(st.integers(-1, 3) | st.sampled_from([2**26, 2**62, 2**70]), max_size=5),
    )
    | JSON,
    max_size=4,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers() | JSON,
            "value": JSON,
            "arrays": TABLES | JSON,
            "raised": JSON,
            "refused": JSON,
            "more": JSON,
        },
    ),
    st.binary(max_size=200),
)
def test_near_frames_are_frames_or_an_error(envelope: Any, tail: bytes) -> None:
    text = json.dumps(envelope).encode()
    check_bytes(len(text).to_bytes(4, "big") + text + tail)


def check_bytes(data: bytes) -> None:
    try:
        found = decode(data)
    except FrameError:
        return
    for frame in found:
        assert isinstance(frame.n, int)
        if not frame.raised and not frame.refused:
            encode(frame.value)  # nothing that we would not send ourselves


ONE = b'{"n":0,"value":%s}'


def wrapped(json_value: bytes) -> bytes:
    text = ONE % json_value
    return len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (wrapped(b"NaN"), "NaN outside an array"),
        (wrapped(b"-Infinity"), "-Infinity outside an array"),
        (wrapped(b"1e999"), "infinity"),
        (wrapped(b"[1, 2, 1e999]"), "infinity"),
        (wrapped(b"1" * 400), "beyond any float"),
        (wrapped(b"[" + b"1" * 400 + b"]"), "beyond any float"),
        (wrapped(b"1" * 5000), "not JSON"),
        (wrapped(b'"\\ud800"'), "not Unicode"),
        (wrapped(b'{"\\udfff": 1}'), "not Unicode"),
        (wrapped(b'"\xff"'), "not JSON"),
        (wrapped(b"[" * 65 + b"]" * 65), "levels"),
        (wrapped(b"[" * 100_000 + b"]" * 100_000), "not JSON"),
        (wrapped(b'{"$array": 0}'), "placeholder"),
        (wrapped(b'{"$array": true}'), "placeholder"),
        (b"\0\0\0\x02[]", "no JSON object"),
        (b"\xff\xff\xff\xff", "bytes of JSON announced"),
    ],
    ids=lambda value: f"{value!r:.30}",
)
def test_forged_json_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        decode(data)


@pytest.mark.parametrize(
    ("value", "table", "words"),
    [
        ([], [["<f8", [1]]], "without a place"),
        ({"$array": 1}, [["<f8", [1]]], "placeholder"),
        ([{"$array": 0}, {"$array": 0}], [["<f8", [1]]], "placeholder"),
        ({"$array": 0, "x": 1}, [["<f8", [1]]], "placeholder"),
        ({"$array": 0}, [["|O", [1]]], "allowed dtype"),
        ({"$array": 0}, [["<U4", [1]]], "allowed dtype"),
        ({"$array": 0}, [["<f8", [-1]]], "impossible shape"),
        ({"$array": 0}, [["<f8", [1.0]]], "impossible shape"),
        ({"$array": 0}, [["<f8", [True]]], "impossible shape"),
        ({"$array": 0}, [["<f8", [0] * 17]], "allowed dtype"),
        ({"$array": 0}, [["<f8", [2**40]]], "more than 64 MiB"),
        ({"$array": 0}, [["<f8", [0, 2**40]]], "more than 64 MiB"),
        ({"$array": 0}, [["|u1", [40 << 20]], ["|u1", [40 << 20]]], "more than 64 MiB"),
        ({"$array": 0}, [["<f8", [0]]] * 65, "at most 64"),
    ],
    ids=str,
)
def test_forged_arrays_are_refused(value: object, table: object, words: str) -> None:
    text = json.dumps({"n": 0, "value": value, "arrays": table}).encode()
    with pytest.raises(FrameError, match=words):
        decode(len(text).to_bytes(4, "big") + text + bytes(64))


def test_a_bool_is_zero_or_one() -> None:
    data = encode(np.ones(3, bool))
    assert data.endswith(b"\1\1\1")
    with pytest.raises(FrameError, match="bool"):
        decode(data[:-1] + b"\2")


def test_the_largest_array_passes_and_is_a_view_of_what_arrived() -> None:
    big = np.arange(8 << 20, dtype=np.int64)
    (frame,) = decode(encode(big))
    assert isinstance(frame.value, np.ndarray)
    assert not frame.value.flags.owndata
    assert frame.value.flags.aligned
    assert np.array_equal(frame.value, big)


def test_no_announcement_makes_the_decoder_take_more_than_the_caps() -> None:
    text = json.dumps({"n": 0, "value": {"$array": 0}, "arrays": [["|u1", [64 << 20]]]}).encode()
    tracemalloc.start()
    decoder = Decoder()
    assert not list(decoder.feed(len(text).to_bytes(4, "big") + text + bytes(1000)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < frames.MAX_ARRAY_BYTES + (4 << 20)


@given(st.binary(max_size=300).map(lambda tail: wrapped(b'"x"') + tail))
@settings(max_examples=50)
def test_a_frame_is_returned_before_the_bytes_behind_it_are_judged(data: bytes) -> None:
    decoder = Decoder()
    space = decoder.space()
    space[: len(data)] = data
    frame = decoder.filled(len(data))
    assert frame is not None
    assert frame.value == "x"
    assert decoder.pending_bytes == len(data) - len(wrapped(b'"x"'))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.arange(24).reshape(2, 3, 4).T,
        np.arange(10.0)[::-2],
        np.array(3.5),
    ],
    ids=str,
)
def test_any_layout_arrives_as_the_plain_one(array: npt.NDArray[Any]) -> None:
    for data in (encode(array), b"".join(server.reply(0, None, lambda _: array))):
        (frame,) = decode(data)
        assert isinstance(frame.value, np.ndarray)
        assert frame.value.flags.c_contiguous
        assert np.array_equal(frame.value, array)
        assert frame.value.shape == array.shape


def test_tuples_and_numpy_scalars_become_plain() -> None:
    value: Any = (np.int64(3), np.float32(0.5), np.bool_(1), {"x": ()})
    for data in (encode(value), b"".join(server.reply(0, None, lambda _: value))):
        (frame,) = decode(data)
        assert same(frame.value, [3, 0.5, True, {"x": []}])


def test_non_finite_numbers_cross_in_arrays_only() -> None:
    (frame,) = decode(encode(np.array([math.nan, math.inf])))
    assert isinstance(frame.value, np.ndarray)
    with pytest.raises(FrameError):
        encode(math.nan)
    with pytest.raises(FrameError):
        encode(np.float64("nan"))
