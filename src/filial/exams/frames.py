"""The wire format between examiner and examinee: plain data and nothing else.

A frame is a big-endian 32-bit length, that many bytes of JSON, and the raw bytes of the arrays::

    length │ {"n": 3, "value": {"x": {"$array": 0}}, "arrays": [["<f8", [2, 5]]]} │ zeros │ data

``n`` numbers the questions of a sitting from 0 and comes back with the answer. Each array starts
at a multiple of 8 bytes from the start of the frame, in C order; placeholders are numbered in the
order in which they occur. In place of ``value`` an answer may carry ``raised`` (the candidate's
code failed) or ``refused`` (what it returned cannot be sent), each one line of text.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias, cast

from filial.exams.base import Plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.generic]

MAX_JSON_BYTES = 1 << 20
MAX_ARRAY_BYTES = 64 << 20
MAX_ARRAYS = 64
MAX_DEPTH = 64
MAX_DIMENSIONS = 16

DTYPES = frozenset(
    ("|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8")
)
_ARRAY_KEY = "$array"
_SCRATCH_BYTES = 1 << 16
# What a value may take in memory: bytes of Python objects for one byte of JSON (``[],[],…`` is the
# worst), for each array beside its data, and for the frame itself.
_PER_JSON_BYTE, _PER_ARRAY, _PER_FRAME = 32, 1024, 1024
_NUMBERS = frozenset((bool, int, float))


class FrameError(Exception):
    """What was sent, or was to be sent, is not data of the agreed form.

    Attributes:
        is_oversized: Whether it was merely too much of it.
    """

    def __init__(self, text: str, *, is_oversized: bool = False) -> None:
        super().__init__(text)
        self.is_oversized = is_oversized


def _constant(name: str) -> NoReturn:
    raise FrameError(f"{name} outside an array")


_JSON_READER = json.JSONDecoder(parse_constant=_constant)
_JSON_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame, checked.

    Attributes:
        n: Number of the question within its sitting.
        value: What was sent.
        raised: The candidate's exception in one line; empty if there was none.
        refused: Why what the candidate returned could not be sent; empty if it could.
        memory_bytes: At most so much memory is held by ``value``.
    """

    n: int
    value: Plain = None
    raised: str = ""
    refused: str = ""
    memory_bytes: int = 0


def encode(value: Plain, n: int = 0) -> bytes:
    """Returns the frame that carries ``value`` as number ``n``. Raises as :func:`chunks`."""
    return b"".join(chunks(value, n))


def chunks(value: Plain, n: int = 0) -> list[bytes | memoryview]:
    """Returns the frame that carries ``value`` as number ``n``, without a copy of its arrays.

    Tuples travel as lists and numpy scalars as Python numbers.

    Raises:
        FrameError: ``value`` holds anything but JSON values and numeric arrays, or is too large.
    """
    arrays: list[Array] = []
    envelope: dict[str, object] = {"n": n, "value": _pack(value, arrays, 1)}
    if arrays:
        envelope["arrays"] = [(array.dtype.str, array.shape) for array in arrays]
    try:
        text = _JSON_WRITER.encode(envelope).encode()
    except ValueError as error:  # a lone surrogate, or an integer of thousands of digits
        raise FrameError(str(error)) from None
    if len(text) > MAX_JSON_BYTES:
        raise FrameError(
            f"{len(text):,} bytes of JSON; at most {MAX_JSON_BYTES:,}", is_oversized=True
        )
    if sum(array.nbytes for array in arrays) > MAX_ARRAY_BYTES or len(arrays) > MAX_ARRAYS:
        raise FrameError(
            f"arrays of more than {MAX_ARRAY_BYTES >> 20} MiB, or more than {MAX_ARRAYS} of them",
            is_oversized=True,
        )
    frame: list[bytes | memoryview] = [len(text).to_bytes(4, "big") + text]
    end = 4 + len(text)
    for array in arrays:
        frame += [bytes(-end % 8), array.reshape(-1).view("u1").data]
        end += -end % 8 + array.nbytes
    return frame


def _pack(value: object, arrays: "list[Array]", depth: int) -> object:
    """Returns ``value`` for the JSON writer, its arrays moved to ``arrays``."""
    if depth > MAX_DEPTH:
        raise FrameError(f"more than {MAX_DEPTH} levels of lists and dicts")
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            _check_number(value)
            return value
        case list() | tuple():
            return [_pack(item, arrays, depth + 1) for item in value]
        case dict():
            return {_key(key): _pack(item, arrays, depth + 1) for key, item in value.items()}
        case _:
            return _pack_numpy(value, arrays)


def _key(key: object) -> str:
    if not isinstance(key, str) or key == _ARRAY_KEY:
        raise FrameError(f"the dict key {key!r:.60}; keys are strings other than {_ARRAY_KEY!r}")
    return key


def _pack_numpy(value: object, arrays: "list[Array]") -> object:
    import numpy as np  # noqa: PLC0415 - only where arrays occur

    if isinstance(value, np.generic) and value.dtype.str in DTYPES:
        number = value.item()
        _check_number(number)
        return number
    if not isinstance(value, np.ndarray):
        raise FrameError(
            f"a {type(value).__name__} ({value!r:.60}); "
            "only None, bool, int, float, str, list, dict and numeric numpy arrays may cross"
        )
    dtype = value.dtype if value.dtype.hasobject else value.dtype.newbyteorder("<")
    if dtype.str not in DTYPES:
        raise FrameError(f"an array of dtype {value.dtype}; use bool, int, uint or float")
    if value.ndim > MAX_DIMENSIONS:
        raise FrameError(f"an array of more than {MAX_DIMENSIONS} dimensions")
    arrays.append(np.asarray(value, dtype, order="C"))
    return {_ARRAY_KEY: len(arrays) - 1}


def _check_number(value: float) -> None:
    """Refuses a number that no float can hold: arithmetic on it would fail in the exam."""
    try:
        is_finite = math.isfinite(value)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise FrameError("NaN, an infinity or an integer beyond any float outside an array")


class Decoder:
    """Turns bytes, as they arrive, into frames. Holds at most one frame of the largest size.

    The reader reads straight into :meth:`space` and reports with :meth:`filled`; large arrays are
    views of that memory, not copies.
    """

    def __init__(self) -> None:
        self._scratch = self._buffer = memoryview(bytearray(_SCRATCH_BYTES))
        self._held = 0
        self._envelope: dict[str, object] = {}
        self._arrays: list[tuple[str, tuple[int, ...], int]] = []
        self._json_end = 0
        self._end = 4

    @property
    def pending_bytes(self) -> int:
        """Bytes received that are not part of a returned frame."""
        return self._held

    def space(self) -> memoryview:
        """Returns the memory where the next bytes belong; never empty."""
        return self._buffer[self._held :]

    def filled(self, n_bytes: int) -> Frame | None:
        """Takes note of ``n_bytes`` more in :meth:`space`; returns a frame if one is complete.

        Call it with 0 for further frames that the same bytes may have completed.

        Raises:
            FrameError: The bytes are no frame, or exceed a cap; the decoder is of no more use.
        """
        self._held += n_bytes
        if not self._envelope and not self._read_envelope():
            return None
        if self._held < self._end:
            self._reserve(self._end)
            return None
        return self._finish()

    def feed(self, data: bytes) -> Iterable[Frame]:
        """Yields the frames that ``data`` completes. Raises FrameError as :meth:`filled`."""
        view = memoryview(data)
        while view:
            space = self.space()
            taken = view[: len(space)]
            space[: len(taken)] = taken
            view = view[len(taken) :]
            frame = self.filled(len(taken))
            while frame is not None:
                yield frame
                frame = self.filled(0)

    def _reserve(self, size: int) -> None:
        if size >= len(self._buffer):
            buffer = _memory(size + 1)
            buffer[: self._held] = self._buffer[: self._held]
            self._buffer = buffer

    def _read_envelope(self) -> bool:
        if self._held < 4:
            return False
        size = int.from_bytes(self._buffer[:4], "big")
        if size > MAX_JSON_BYTES:
            raise FrameError(
                f"{size:,} bytes of JSON announced; at most {MAX_JSON_BYTES:,}", is_oversized=True
            )
        self._json_end = 4 + size
        if self._held < self._json_end:
            self._reserve(self._json_end)
            return False
        self._envelope = _parse(self._buffer[4 : self._json_end])
        self._arrays, self._end = _layout(self._envelope.get("arrays", []), self._json_end)
        return True

    def _finish(self) -> Frame:
        """Returns the complete frame and makes ready for the next one."""
        end, rest = self._end, bytes(self._buffer[self._end : self._held])
        memory = self._buffer
        if self._arrays and len(memory) > end + 1:
            # The arrays would keep all of it alive, however small they are.
            memory = memoryview(bytearray(memory[:end]))
        arrays = [_view(memory, *entry) for entry in self._arrays]
        n_bytes = _PER_FRAME + _PER_JSON_BYTE * self._json_end
        if arrays:
            n_bytes += len(memory) + _PER_ARRAY * len(arrays)
        frame = _frame(self._envelope, arrays, n_bytes)
        self._buffer = self._scratch
        self._held = 0
        self._envelope, self._arrays, self._end = {}, [], 4
        self._reserve(len(rest))
        self._buffer[: len(rest)] = rest
        self._held = len(rest)
        return frame


def _memory(size: int) -> memoryview:
    """Returns fresh memory; what is in it does not matter, for it will be filled."""
    if size <= MAX_JSON_BYTES + 5:
        return memoryview(bytearray(size))
    import numpy as np  # noqa: PLC0415 - only where arrays occur

    return np.empty(size, np.uint8).data


def _parse(text: memoryview) -> dict[str, object]:
    try:
        envelope = _JSON_READER.decode(str(text, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {error}") from None
    if not isinstance(envelope, dict):
        raise FrameError("the envelope is no JSON object")
    return envelope


def _layout(table: object, json_end: int) -> tuple[list[tuple[str, tuple[int, ...], int]], int]:
    """Returns dtype, shape and offset of each array, and where the frame ends."""
    if not isinstance(table, list) or len(table) > MAX_ARRAYS:
        raise FrameError(f"the table of arrays is no list of at most {MAX_ARRAYS}")
    layout = []
    end = json_end
    for entry in table:
        dtype, shape, n_bytes = _entry(entry)
        end += -end % 8
        layout.append((dtype, shape, end))
        end += n_bytes
        if end - json_end > MAX_ARRAY_BYTES + 8 * MAX_ARRAYS:
            raise FrameError(f"more than {MAX_ARRAY_BYTES >> 20} MiB of arrays", is_oversized=True)
    return layout, end


def _entry(entry: object) -> tuple[str, tuple[int, ...], int]:
    match entry:
        case [str() as dtype, list() as shape] if dtype in DTYPES and len(shape) <= MAX_DIMENSIONS:
            pass
        case _:
            raise FrameError("an array without an allowed dtype and a shape")
    n_bytes = extent = int(dtype[2])
    for length in shape:
        if type(length) is not int or length < 0:
            raise FrameError("an array with an impossible shape")
        n_bytes *= length
        extent *= max(length, 1)  # numpy takes this product even where a dimension is 0
        if extent > MAX_ARRAY_BYTES:
            raise FrameError(
                f"an array of more than {MAX_ARRAY_BYTES >> 20} MiB", is_oversized=True
            )
    return dtype, tuple(shape), n_bytes


def _view(buffer: memoryview, dtype: str, shape: tuple[int, ...], offset: int) -> "Array":
    import numpy as np  # noqa: PLC0415 - only where arrays occur

    array: Array = np.ndarray(shape, dtype, buffer, offset)
    if dtype == "|b1" and array.size and int(array.view(np.uint8).max()) > 1:
        raise FrameError("an array of bool holds bytes other than 0 and 1")
    return array


def _frame(envelope: dict[str, object], arrays: "list[Array]", n_bytes: int) -> Frame:
    fields = envelope.keys() - {"n", "arrays"}
    n = envelope.get("n")
    if type(n) is not int or len(fields) != 1 or not fields <= {"value", "raised", "refused"}:
        raise FrameError("the envelope has no n and one of value, raised, refused")
    field = next(iter(fields))
    remaining = list(reversed(list(enumerate(arrays))))
    value = _unpack(envelope[field], remaining, 1)
    if remaining:
        raise FrameError("an array without a place")
    if field == "value":
        return Frame(n=n, value=value, memory_bytes=n_bytes)
    if not isinstance(value, str):
        raise FrameError(f"{field} is no text")
    text = value or "no reason given"
    return Frame(n=n, raised=text) if field == "raised" else Frame(n=n, refused=text)


def _unpack(value: object, remaining: "list[tuple[int, Array]]", depth: int) -> Plain:
    """Returns ``value`` with its placeholders filled from the end of ``remaining``."""
    if depth > MAX_DEPTH:
        raise FrameError(f"more than {MAX_DEPTH} levels of lists and dicts")
    match value:
        case list():
            return _unpack_list(value, remaining, depth)
        case dict():
            if _ARRAY_KEY in value:
                return _place(value, remaining)
            for key in value:
                _check_text(key)
            return {key: _unpack(item, remaining, depth + 1) for key, item in value.items()}
        case str():
            _check_text(value)
        case int() | float():
            _check_number(value)
    return cast("Plain", value)


def _unpack_list(value: list[object], remaining: "list[tuple[int, Array]]", depth: int) -> Plain:
    if not _NUMBERS.issuperset(map(type, value)):
        return [_unpack(item, remaining, depth + 1) for item in value]
    try:  # the common case, a list of numbers, at C speed
        is_finite = all(map(math.isfinite, cast("list[float]", value)))
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise FrameError("an infinity or an integer beyond any float outside an array")
    return cast("Plain", value)


def _place(value: dict[str, object], remaining: "list[tuple[int, Array]]") -> "Array":
    number = value[_ARRAY_KEY]
    if len(value) > 1 or not remaining or type(number) is not int or number != remaining[-1][0]:
        raise FrameError("a placeholder that is not the next array's")
    return remaining.pop()[1]


def _check_text(text: str) -> None:
    """Refuses lone surrogates, which no file or database would take later."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise FrameError("text that is not Unicode") from None
