"""The exam of bytelm: bits per byte on text that no build was given.

Training, dev, confirm and sealed text are the Python sources of the running interpreter's standard
library, split by file digest. Three panels look for gains that do not travel: the sources of
networkx, jinja2 and sympy, C++ headers, and English prose.
"""

import hashlib
import importlib.metadata
import importlib.util
import math
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import hiding
import numpy as np
import numpy.typing as npt

import filial
from filial.errors import StudyError
from filial.exams.base import Plain

LENGTH = 128  # bytes the candidate sees of a window; one more is held back
WINDOWS = {"bits_per_byte": 288, "packages": 40, "cpp": 40, "prose": 40}
CUTS = 192  # windows that are asked again, cut short
FLOOR = 0.9  # bits/byte over all primary windows; beyond what a minute of training can teach

PACKAGES = ("networkx", "jinja2", "sympy")
SKIPPED_FOLDERS = {"site-packages", "dist-packages", "test", "tests", "__pycache__"}
SKIPPED_FOLDERS |= {"encodings", "pydoc_data", "lib2to3", "ops"}  # generated tables and wrappers
LARGEST_FILE_BYTES = 200_000  # beyond it stand generated tables
SHARE_BYTES = 1_300_000  # at most, of each package and each other panel
SMALLEST_SHARE_BYTES = 20_000
INSTALL = "pip install 'filial[train]'"


@dataclass(frozen=True, slots=True)
class Key:
    """What the examiner knows about a question.

    Attributes:
        window: Number of the window, the same for all its questions.
        metric: What the window measures.
        targets: The true next bytes, uint8 [T]; the last one was never sent.
        cut: Last position, 0 to T - 1, on which both sittings must agree; None if asked once.
    """

    window: int
    metric: str
    targets: npt.NDArray[np.uint8]
    cut: int | None


class NextByte(filial.Exam):
    """Asks for the distribution of every next byte of fresh windows.

    Protects against: distributions that are none (every row is checked, then renormalised), and
    looking ahead. For the latter, sitting 1, a process that shares nothing with sitting 0, gets
    some windows again, cut after a random position, and must repeat what sitting 0 said up to
    there. So an answer depends on nothing but the bytes before it: not on later ones, nor on other
    questions. A leak that touches a share p of the positions escapes all 192 cuts of one trial
    with probability (1 - p) ** 192: 15 % for p = 1 %, 0.3 % for p = 3 %, 0.01 % for p = 5 %;
    a verdict rests on several trials.

    The hidden text is in files that every machine with Python and torch has; ``hiding`` keeps
    them out of the sandboxes, and ``FLOOR`` voids a mean that no honest model reaches.

    What this does not cover: the names and string constants that bytecode keeps of hidden files.
    """

    sealed_items: ClassVar = 10_000  # windows of the sealed text that do not overlap
    metrics: ClassVar = [
        filial.Metric("bits_per_byte", unit="bits/byte", direction="min", smallest_effect=0.03),
        filial.Metric("packages", unit="bits/byte", direction="min", tolerance=0.10),
        filial.Metric("cpp", unit="bits/byte", direction="min", tolerance=0.10),
        filial.Metric("prose", unit="bits/byte", direction="min", tolerance=0.10),
    ]

    def __init__(self, private: Path) -> None:
        super().__init__(private)
        self._rows: dict[int, npt.NDArray[np.float32]] = {}  # of windows still to be asked again
        self._primary: list[float] = []

    @classmethod
    def prepare(cls, public: Path, private: Path) -> None:
        """Writes train.bin, and privately dev, confirm, sealed and the panels, all plain text.

        Raises:
            StudyError: A package is not installed, or too little text was found.
        """
        seen: set[bytes] = set()
        library = Path(sysconfig.get_path("stdlib"))
        parts: dict[str, list[bytes]] = {"train": [], "dev": [], "confirm": [], "sealed": []}
        for digest, text in _distinct(_sources(library, "*.py"), seen):
            part = {0: "dev", 1: "confirm", 2: "sealed", 3: "sealed"}.get(digest[0] % 10, "train")
            parts[part].append(text)
        for name, texts in parts.items():
            _write((public if name == "train" else private) / f"{name}.bin", texts)
        shares = [_bounded(_distinct(_sources(_package(name), "*.py"), seen)) for name in PACKAGES]
        _write(private / "packages.bin", [text for share in shares for text in share])
        headers = _sources(_package("torch") / "include", "*.h")
        _write(private / "cpp.bin", _bounded(_distinct(headers, seen)))
        _write(private / "prose.bin", _bounded(_distinct(_notices(), seen)))
        hiding.write_replacements(private)

    @classmethod
    def masks(cls, private: Path) -> Mapping[Path, Path | None]:
        """Hides the files that hold hidden text; see ``hiding``."""
        return hiding.masks(private)

    def items(self, split: str, rng: np.random.Generator) -> Iterable[filial.Item]:
        """Full windows of all panels, shuffled; then some of them again, cut short."""
        origins = [
            (metric, self._text(split if metric == "bits_per_byte" else metric))
            for metric, n in WINDOWS.items()
            for _ in range(n)
        ]
        keys, sent = [], []
        asked_again = set(rng.permutation(len(origins))[:CUTS].tolist())
        for window, origin in enumerate(rng.permutation(len(origins))):
            metric, text = origins[origin]
            start = int(rng.integers(len(text) - LENGTH))
            cut = int(rng.integers(LENGTH - 1)) if window in asked_again else None
            sent.append(np.array(text[start : start + LENGTH]))
            targets = np.array(text[start + 1 : start + LENGTH + 1])
            keys.append(Key(window, metric, targets, cut))
        for key, window in zip(keys, sent, strict=True):
            yield filial.Item({"bytes": window}, key=key)
        for key, window in zip(keys, sent, strict=True):
            if key.cut is not None:
                yield filial.Item({"bytes": window[: key.cut + 1]}, key=key, sitting=1)

    def score(self, item: filial.Item, answer: Plain) -> Mapping[str, float]:
        """Mean bits of the window's true next bytes; nothing for a cut window.

        Raises:
            Invalid: Not log-probabilities, not normalised, or not causal.
        """
        key = item.key
        rows = checked_rows(answer, len(item.question["bytes"]))
        if item.sitting == 1:
            self._check_causal(key, rows)
            return {}
        if key.cut is not None:
            self._rows[key.window] = rows[: key.cut + 1].copy()
        nats = -rows[np.arange(LENGTH), key.targets].astype(np.float64)
        bits = float(nats.mean() / math.log(2))
        if key.metric == "bits_per_byte":
            self._check_plausible(bits)
        return {key.metric: bits}

    def _check_causal(self, key: Key, again: npt.NDArray[np.float32]) -> None:
        moved = np.abs(again - self._rows.pop(key.window)).max(axis=-1)
        if moved.max() > 1e-3:
            row = int(moved.argmax())
            raise filial.Invalid(
                f"not causal: row {row} of an answer moved by {moved[row]:.2g} nats when the "
                f"{LENGTH - 1 - key.cut} bytes after position {key.cut} were withheld "
                "(or the answer depends on earlier questions); 1e-3 is allowed"
            )

    def _check_plausible(self, bits: float) -> None:
        self._primary.append(bits)
        mean = sum(self._primary) / len(self._primary)
        if len(self._primary) == WINDOWS["bits_per_byte"] and mean < FLOOR:
            raise filial.Invalid(
                f"implausible: {mean:.2f} bits/byte is below {FLOOR}, which no model reaches "
                "that had not seen the hidden text"
            )

    def _text(self, name: str) -> npt.NDArray[np.uint8]:
        return np.memmap(self.private / f"{name}.bin", dtype=np.uint8, mode="r")


def checked_rows(answer: Plain, n: int) -> npt.NDArray[np.float32]:
    """Returns n rows of log-probabilities, exactly normalised.

    Raises:
        Invalid: Not float32 [n, 256], not finite, or a row sums to something other than 1 by more
            than 1e-4.
    """
    if not isinstance(answer, np.ndarray):
        raise filial.Invalid(f"expected an array, got {type(answer).__name__}")
    if answer.shape != (n, 256) or answer.dtype != np.float32:
        raise filial.Invalid(
            f"expected float32 [{n}, 256], got {answer.dtype} {list(answer.shape)}"
        )
    if not np.isfinite(answer).all():
        raise filial.Invalid("log-probabilities must be finite")
    peak = answer.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):
        total = peak + np.log(np.exp(answer - peak).sum(axis=-1, keepdims=True))
    row = int(np.abs(total).argmax())
    if abs(total[row, 0]) > 1e-4:
        raise filial.Invalid(
            f"not a distribution: logsumexp of row {row} is {total[row, 0]:.4g}, not 0 within 1e-4"
        )
    return answer - total


def _package(name: str) -> Path:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StudyError(f"bytelm takes hidden text from {name}, which is missing: {INSTALL}")
    return Path(spec.submodule_search_locations[0])


def _sources(root: Path, pattern: str) -> Iterator[bytes]:
    """Texts of the files under root that people wrote."""
    for path in root.rglob(pattern):
        inside = path.relative_to(root)
        if SKIPPED_FOLDERS.isdisjoint(inside.parts) and not inside.name.startswith("_sysconfig"):
            text = path.read_bytes() if path.is_file() else b""
            if 0 < len(text) <= LARGEST_FILE_BYTES:
                yield text


def _notices() -> Iterator[bytes]:
    """Descriptions and licences of the installed distributions."""
    for distribution in importlib.metadata.distributions():
        for file in distribution.files or ():
            if ".dist-info" in file.parts[0] and file.name.startswith(("METADATA", "LICEN")):
                path = Path(distribution.locate_file(file))
                if path.is_file():
                    yield path.read_bytes()[:LARGEST_FILE_BYTES]


def _distinct(texts: Iterable[bytes], seen: set[bytes]) -> list[tuple[bytes, bytes]]:
    """Digest and text of each text not seen yet, in the order of the digests."""
    found = {hashlib.sha256(text).digest(): text for text in texts}
    fresh = sorted((digest, text) for digest, text in found.items() if digest not in seen)
    seen.update(found)
    return fresh


def _bounded(texts: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """The first of the texts, SHARE_BYTES in all."""
    share, left = [], SHARE_BYTES
    for _, text in texts:
        share.append(text[:left])
        left -= len(share[-1])
    return [text for text in share if text]


def _write(path: Path, texts: list[bytes]) -> None:
    text = b"\n".join(texts)
    if len(text) < SMALLEST_SHARE_BYTES:
        raise StudyError(
            f"bytelm found only {len(text)} bytes of text for {path.name}; it needs a Python "
            f"with its library's sources and its extras: {INSTALL}"
        )
    path.write_bytes(text)
