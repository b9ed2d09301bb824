"""The examinee's end of the line: ``python server.py answer.py``, run inside the sandbox.

One file of standard library, because Filial itself is not visible inside. It loads the named file
from the folder FILIAL_CODE, reads questions from the file descriptor FILIAL_IN, calls the file's
``answer(question)`` for each and writes what it returns to the descriptor FILIAL_OUT_FD. What the
code prints is not looked at. An exception in it goes to stderr, and in one line to the examiner.

What this does not cover: the code it loads shares its process and may do with the descriptors
what it likes. The examiner therefore believes nothing but the form of what arrives; see
``frames`` for that form.
"""

import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

SERVER = Path(__file__)
"""This very file, to be shown to the sandbox."""
MAX_TEXT = 300  # characters of an exception's message


def questions(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Yields number and value of each question until the stream ends."""
    while len(head := stream.read(4)) == 4:
        size = int.from_bytes(head, "big")
        envelope = json.loads(stream.read(size))
        table = envelope.get("arrays")
        value = envelope["value"]
        yield envelope["n"], value if not table else _restore(value, _arrays(stream, table, size))


def _arrays(stream: BinaryIO, table: list[Any], json_size: int) -> list[Any]:
    import numpy as np  # noqa: PLC0415 - only where arrays occur

    arrays = []
    end = 4 + json_size
    for dtype, shape in table:
        stream.read(-end % 8)
        array = np.empty(shape, dtype)
        end += -end % 8 + array.nbytes
        if array.nbytes:
            stream.readinto(array.reshape(-1).view(np.uint8).data)  # type: ignore[attr-defined]
        arrays.append(array)
    return arrays


def _restore(value: Any, arrays: list[Any]) -> Any:
    if isinstance(value, list):
        return [_restore(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        return arrays[value["$array"]]
    return {key: _restore(item, arrays) for key, item in value.items()}


def _frame(n: int, field: str, value: Any) -> list[Any]:
    arrays: list[Any] = []

    def pack(thing: Any) -> Any:
        np: Any = sys.modules.get("numpy")  # what nobody has imported cannot occur
        if np is not None and isinstance(thing, np.generic):
            return thing.item()
        if np is None or not isinstance(thing, np.ndarray) or thing.dtype.hasobject:
            raise TypeError(f"a {type(thing).__name__} is neither a JSON value nor an array")
        arrays.append(np.asarray(thing, thing.dtype.newbyteorder("<"), order="C"))
        return {"$array": len(arrays) - 1}

    writer = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=pack
    )
    text = writer.encode({"n": n, field: value})
    if arrays:
        table = [(array.dtype.str, array.shape) for array in arrays]
        text = f'{text[:-1]},"arrays":{json.dumps(table)}}}'
    raw = text.encode()
    chunks: list[Any] = [len(raw).to_bytes(4, "big") + raw]
    end = 4 + len(raw)
    for array in arrays:
        chunks += [bytes(-end % 8), array]
        end += -end % 8 + array.nbytes
    return chunks


def reply(n: int, question: Any, answer: Callable[[Any], Any]) -> list[Any]:
    """Returns the chunks of the frame with ``answer(question)`` or why there is none."""
    try:
        value = answer(question)
    except Exception as error:  # noqa: BLE001 - whatever the candidate raises is its answer
        traceback.print_exc()
        return _frame(n, "raised", _line(error))
    try:
        return _frame(n, "value", value)
    except Exception as error:  # noqa: BLE001 - its objects may raise anything when looked at
        return _frame(n, "refused", _line(error))


def _line(error: Exception) -> str:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - __str__ is the candidate's too
        text = type(error).__name__
    first = text.splitlines()[0][:MAX_TEXT]
    return first.encode(errors="backslashreplace").decode()


def load(path: Path) -> Callable[[Any], Any]:
    """Returns the function ``answer`` of the file at ``path``, executed as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"{path.name}: no such Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    answer: Callable[[Any], Any] = module.answer
    return answer


def main() -> None:
    """Serves until the questions end."""
    environment = os.environ  # noqa: TID251 - the sandbox speaks to this program by it
    code = environment["FILIAL_CODE"]
    sys.path[0] = code
    sys.dont_write_bytecode = True
    answer: Callable[[Any], Any] | None = None

    def lazily(question: Any) -> Any:
        nonlocal answer
        answer = answer or load(Path(code, sys.argv[1]))  # its failure is an answer too
        return answer(question)

    with (
        open(int(environment["FILIAL_IN"]), "rb") as inlet,  # noqa: PTH123 - a descriptor
        open(int(environment["FILIAL_OUT_FD"]), "wb") as outlet,  # noqa: PTH123
    ):
        for n, question in questions(inlet):
            outlet.writelines(reply(n, question, lazily))
            outlet.flush()


if __name__ == "__main__":
    main()
