"""What the fuzz programs have in common: coverage-guided search with atheris (libFuzzer).

    python fuzz/frames.py [libFuzzer options] [CORPUS ...]

See ``scripts/fuzz``. Python code of Filial and of ``tomllib`` guides the search; compiled parsers
below it are run, but not seen into.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["filial", "tomllib"]):
    from filial.testing.decoders import READERS


def fuzz(name: str) -> None:
    """Searches for bytes that break the decoder ``name``; the options are the command line's."""
    reader = READERS[name]
    with tempfile.TemporaryDirectory(prefix="filial-fuzz-") as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        for n, seed in enumerate(reader.seeds):
            (seeds / f"{n}").write_bytes(seed)
        words = Path(folder, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in reader.words))
        atheris.Setup([*sys.argv, f"-dict={words}", str(seeds)], _silent(reader.check))
        atheris.Fuzz()


def _silent(check: Callable[[bytes], bool]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        check(data)

    return run


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word)
