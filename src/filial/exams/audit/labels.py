"""What must be out of a candidate's reach, as tokens that a search can look for."""

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filial.core import Finding
from filial.exams.audit.subject import error, note, warning
from filial.exams.base import Item

if TYPE_CHECKING:
    import numpy as np

LENGTHS, LONG = (12, 16, 32), 256  # of ``scan``, which imports numpy
CHECK = "labels out of reach"
KEYS = "keys"
SECRET = "the study's secret"  # noqa: S105 - a name for it
CONTROL = "control"

LEAKS = 0.5  # of a source's tokens: what was found is the source, not what it shares with others
RESEMBLES = 0.2  # texts of one kind share a tenth of such parts: licences, idioms
_FEW = 8  # distinct tokens below which a share says little

_MOST_KEYS = 256
_MOST_WINDOWS = 64  # of each file
_MOST_FILES = 64
_NAMED = 3  # sources in a message
_LEAST_VARIED = 8  # different bytes in a window that is not filling
_LEAST_PACKED = 40  # compressed bytes of a long one


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to keep secret.

    Attributes:
        name: What it is, for people.
        windows: Parts of it, each of one of ``LENGTHS`` bytes; distinct.
    """

    name: str
    windows: tuple[bytes, ...]


def of_keys(items: Iterable[Item]) -> Source | None:
    """Returns the keys that are plain and long enough to be told from anything else, or None."""
    windows = dict.fromkeys(w for item in items for w in _key_windows(item.key))
    return Source(KEYS, tuple(windows)[:_MOST_KEYS]) if windows else None


def of_files(
    private: Path, shown: Collection[Path], rng: "np.random.Generator"
) -> Iterator[Source]:
    """Yields the files of the exam's own data, each by windows at random places.

    Args:
        private: The folder.
        shown: Files and folders in it that candidates see on purpose, in place of others.
        rng: Chooses the places.
    """
    paths = sorted(path for path in private.rglob("*") if path.is_file() and not path.is_symlink())
    hidden = [path for path in paths if not any(path.is_relative_to(part) for part in shown)]
    for path in hidden[:_MOST_FILES]:
        size = path.stat().st_size
        usual = max((n for n in LENGTHS if n <= size), default=0)
        telling = _windows(path, usual, rng) or _windows(path, LONG, rng)
        if telling:
            yield Source(f"private data {path.relative_to(private).as_posix()}", telling)


def _windows(path: Path, length: int, rng: "np.random.Generator") -> tuple[bytes, ...]:
    """Returns windows at random places of a file that occur nowhere else by chance."""
    size = path.stat().st_size
    if not 0 < length <= size:
        return ()
    starts = sorted({int(rng.integers(size - length + 1)) for _ in range(_MOST_WINDOWS)})
    with path.open("rb") as file:
        windows = dict.fromkeys(_read(file, start, length) for start in starts)
    return tuple(w for w in windows if _is_telling(w))


def _is_telling(window: bytes) -> bool:
    if len(window) < LONG:
        return len(set(window)) >= _LEAST_VARIED
    return len(zlib.compress(window)) >= _LEAST_PACKED


def of_secret(secret: bytes, name: str) -> Source:
    """Returns a random text of at least 16 bytes as a source."""
    length = max(n for n in LENGTHS if n <= len(secret))
    return Source(name, (secret[:length],))


def facts(sources: Sequence[Source], key: bytes, places: Sequence[Path]) -> dict[str, Any]:
    """Returns what the search is told: digests, never the windows themselves.

    Args:
        sources: What to look for; the search names them by their numbers.
        key: Key of the digests, at most 64 bytes.
        places: Further paths to look at.
    """
    from filial.exams.audit.scan import bucket, digest  # noqa: PLC0415 - imports numpy

    tokens: dict[int, dict[str, int]] = {}
    buckets: dict[int, list[int]] = {}
    for number, source in enumerate(sources):
        for window in source.windows:
            tokens.setdefault(len(window), {})[digest(key, window)] = number
            buckets.setdefault(len(window), []).append(bucket(window))
    return {
        "key": key.hex(),
        "places": [str(place) for place in places],
        "tokens": {length: list(table.items()) for length, table in tokens.items()},
        "buckets": buckets,
    }


def judge(where: str, sources: Sequence[Source], report: dict[str, Any]) -> Iterator[Finding]:
    """Yields what a search found that it should not, or that it found nothing.

    Args:
        where: Which sandbox it ran in: ``"the build"``.
        sources: What it looked for, by number; one of them is the control.
        report: What the search printed.
    """
    found = {sources[int(number)].name: hit for number, hit in report["found"].items()}
    if CONTROL not in found:
        yield error(
            CHECK,
            f"the search inside {where} missed the token that was planted for it, so it proves "
            "nothing",
            "see what filial sandbox check says",
        )
        return
    leaks: list[Source] = []
    resembles: list[Source] = []
    clean: list[Source] = []
    for source in sources:
        share = found[source.name]["n"] / len(source.windows) if source.name in found else 0.0
        is_few = len(source.windows) < _FEW and source.name == KEYS
        if source.name != CONTROL:
            kind = clean if share < RESEMBLES else resembles if share < LEAKS or is_few else leaks
            kind.append(source)
    if leaks:
        yield error(CHECK, *_told(where, leaks, found))
    if resembles:
        yield warning(CHECK, *_told(where, resembles, found))
    if not (leaks or resembles):
        names = ", ".join(source.name for source in clean[:_NAMED])
        more = f" and {len(clean) - _NAMED} more" if len(clean) > _NAMED else ""
        cut = "" if report["is_complete"] else "; it stopped at its limit, files are left"
        yield note(CHECK, f"{where} has nothing of {names}{more}: {report['n_files']} files{cut}")


def _told(
    where: str, sources: Sequence[Source], found: Mapping[str, Mapping[str, Any]]
) -> tuple[str, str]:
    """Returns message and fix about sources of which something was found."""
    rows = sorted(sources, key=lambda source: -found[source.name]["n"])
    parts = [
        f"{source.name} ({found[source.name]['n']} of {len(source.windows)} parts looked for, "
        f"in {found[source.name]['first']})"
        for source in rows[:_NAMED]
    ]
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    place = Path(found[rows[0].name]["first"]).name
    fix = (
        f"take them out of {place} and of all else that candidates see (code/, what prepare "
        "writes to public, what a mask shows), or draw other items"
    )
    return f"{where} can read {', '.join(parts)}{more}", fix


def _key_windows(key: object) -> Iterator[bytes]:
    """Yields the first bytes of each form in which a key would be written to a file."""
    for text in _forms(key):
        length = max((n for n in LENGTHS if n <= len(text)), default=0)
        if length and len(set(text[:length])) >= min(_LEAST_VARIED, length // 2):
            yield text[:length]
            return


def _forms(key: object) -> Iterator[bytes]:
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    if isinstance(key, str):
        yield key.encode(errors="replace")
    elif isinstance(key, np.ndarray) and not key.dtype.hasobject:
        yield np.ascontiguousarray(key).tobytes()
    elif isinstance(key, int | float | list | dict) and not isinstance(key, bool):
        try:
            yield json.dumps(key).encode()
        except (TypeError, ValueError):
            return


def _read(file: Any, start: int, length: int) -> bytes:
    file.seek(start)
    data: bytes = file.read(length)
    return data
