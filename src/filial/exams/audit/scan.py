"""Looks for labels from inside a sandbox: ``python scan.py facts.json``.

One file of standard library and numpy, because Filial itself is not visible inside. It reads
every file that a candidate could read, save the system's and the interpreter's, and tells on
stdout which of the tokens it found. It knows tokens by keyed digests only.

``facts.json`` holds the digests' ``key`` (hexadecimal) and further ``places`` to look at; by
window length in bytes the ``tokens``, pairs of a window's digest and the number of its source; and
the ``buckets`` of their rolling hashes.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

LENGTHS = (12, 16, 32)
"""Window lengths in bytes."""

LONG = 256
"""Length in bytes of windows of few different bytes, such as lists of labels 0 and 1."""

CHUNK_BYTES = 1 << 20
MOST_BYTES = 1 << 30  # of all files together
MOST_FILES = 50_000
_SYSTEM = {"bin", "boot", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "usr", "var"}
_MULTIPLIER = 0x9E3779B97F4A7C15
_BUCKET_BITS = 20


def digest(key: bytes, window: bytes) -> str:
    """Returns the keyed digest of a window."""
    return hashlib.blake2b(window, key=key, digest_size=16).hexdigest()


def bucket(window: bytes) -> int:
    """Returns the bucket that a window's rolling hash falls into."""
    hashes = _rolling(np.frombuffer(window, np.uint8), len(window))[len(window)]
    return int(hashes[0] >> np.uint64(64 - _BUCKET_BITS))


def _rolling(data: Any, longest: int) -> dict[int, Any]:
    """Returns the hashes of all windows of every length, uint64 [n - length + 1]."""
    hashes = {1: data.astype(np.uint64) + np.uint64(1)}
    size = 1
    while 2 * size <= min(len(data), longest):
        hashes[2 * size] = _joined(hashes[size], hashes[size], size, size)
        size *= 2
    if len(data) >= 12:
        hashes[12] = _joined(hashes[8], hashes[4], 8, 4)
    return hashes


def _joined(left: Any, right: Any, n_left: int, n_right: int) -> Any:
    """Returns the hashes of windows made of a left and a right part. Wraps around 2**64."""
    factor = np.uint64(pow(_MULTIPLIER, n_right, 1 << 64))
    n = len(right) - n_left
    return left[:n] * factor + right[n_left:]


class Search:
    """The tokens to look for.

    Args:
        facts: What ``facts.json`` holds.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self._key = bytes.fromhex(facts["key"])
        self._tokens = {int(n): dict(table) for n, table in facts["tokens"].items()}
        self._filters = {}
        for length, buckets in facts["buckets"].items():
            mask = np.zeros(1 << _BUCKET_BITS, bool)
            mask[buckets] = True
            self._filters[int(length)] = mask

    def found(self, data: bytes) -> set[tuple[int, str]]:
        """Returns source and digest of every token in ``data``."""
        hashes = _rolling(np.frombuffer(data, np.uint8), max(self._filters)) if data else {}
        hits = set()
        for length, mask in self._filters.items():
            if length not in hashes:
                continue
            shifted = (hashes[length] >> np.uint64(64 - _BUCKET_BITS)).astype(np.int64)
            for start in np.flatnonzero(mask[shifted]).tolist():
                code = digest(self._key, data[start : start + length])
                if code in self._tokens[length]:
                    hits.add((self._tokens[length][code], code))
        return hits


def files(places: list[str]) -> Iterator[str]:
    """Yields every readable regular file that is not the system's or the interpreter's."""
    skipped = {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, sys.base_exec_prefix)}
    skipped |= {os.path.realpath(p) for p in sys.path[1:] if p}
    seen: set[str] = set()
    for place in places:
        if Path(place).is_file():
            yield place
        for folder, folders, names in os.walk(place):
            folders[:] = [
                name for name in folders if os.path.realpath(f"{folder}/{name}") not in skipped
            ]
            for name in names:
                path = os.path.realpath(f"{folder}/{name}")
                if path not in seen and Path(path).is_file():
                    seen.add(path)
                    yield f"{folder}/{name}"


def chunks(path: str) -> Iterator[bytes]:
    """Yields a file's bytes in overlapping chunks; nothing of what cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - paths here are text
            tail = b""
            while data := file.read(CHUNK_BYTES):
                yield tail + data
                tail = (tail + data)[1 - LONG :]
    except OSError:
        return


def places(extra: list[str]) -> list[str]:
    """Returns where to look: what the study shows, and whatever else is at the root."""
    environment = os.environ  # noqa: TID251 - the sandbox speaks to this program by it
    names = ("FILIAL_CODE", "FILIAL_DATA", "FILIAL_OUT", "HOME", "TMPDIR")
    shown = [environment[name] for name in names if name in environment]
    roots = [f"/{name}" for name in sorted(os.listdir("/")) if name not in _SYSTEM]  # noqa: PTH208
    return [*shown, *roots, *extra]


def report(search: Search, paths: Iterable[str]) -> dict[str, Any]:
    """Returns how many tokens of each source are in the files, and where most of them are."""
    first: dict[tuple[int, str], str] = {}
    n_bytes = n_files = 0
    for path in paths:
        if n_bytes > MOST_BYTES or n_files > MOST_FILES:
            break
        n_files += 1
        for chunk in chunks(path):
            n_bytes += len(chunk)
            for hit in search.found(chunk):
                first.setdefault(hit, path)
    by_source: dict[int, dict[str, int]] = {}
    for (source, _), path in first.items():
        counts = by_source.setdefault(source, {})
        counts[path] = counts.get(path, 0) + 1
    return {
        "n_files": n_files,
        "is_complete": n_bytes <= MOST_BYTES and n_files <= MOST_FILES,
        "found": {
            str(source): {"n": sum(counts.values()), "first": max(counts, key=counts.__getitem__)}
            for source, counts in by_source.items()
        },
    }


def main() -> None:
    """Searches, and prints one line of JSON."""
    own = Path(sys.argv[1])
    facts = json.loads(own.read_text())
    paths = (path for path in files(places(facts["places"])) if not own.samefile(path))
    print(json.dumps(report(Search(facts), paths)))  # noqa: T201 - how it reports


if __name__ == "__main__":
    main()
