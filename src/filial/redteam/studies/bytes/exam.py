"""Bits per byte on a language that no candidate has met; only prefixes are ever shown."""

import math

import numpy as np

import filial

SPLITS = ("dev", "confirm", "sealed")
CHUNKS = 600  # of each split
CHUNK = 192  # bytes; every prefix and its next byte have a chunk to themselves
ASKED = 96
FLOOR = 0.4  # bits/byte over all items; who knew every word would still need about one


class NextByte(filial.Exam):
    """Asks for the distribution of one byte at a time, given those before it.

    Each question is a prefix of a chunk of its own, so that no question shows what another one
    asks for. An answer is a vector of 256 log-probabilities to base e.
    """

    metrics = (
        filial.Metric("bits_per_byte", unit="bits/byte", direction="min", smallest_effect=0.02),
    )

    def __init__(self, private):
        super().__init__(private)
        self._bits = []

    @classmethod
    def prepare(cls, public, private):
        rng = np.random.default_rng()
        letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
        words = [bytes(rng.choice(letters, size=rng.integers(2, 8))) for _ in range(80)]
        shares = 1 / np.arange(1, len(words) + 1)
        for split in SPLITS:
            drawn = rng.choice(len(words), size=CHUNKS * CHUNK // 3, p=shares / shares.sum())
            text = b" ".join(words[k] for k in drawn)
            (private / f"{split}.txt").write_bytes(text[: CHUNKS * CHUNK])

    def items(self, split, rng):
        text = (self.private / f"{split}.txt").read_bytes()
        for chunk in rng.permutation(CHUNKS)[:ASKED].tolist():
            start, length = chunk * CHUNK, int(rng.integers(32, CHUNK))
            prefix = np.frombuffer(text, np.uint8, count=length, offset=start)
            yield filial.Item({"prefix": prefix.tolist()}, key=text[start + length])

    def score(self, item, answer):
        bits = -checked(answer)[item.key] / math.log(2)
        self._bits.append(bits)
        mean = sum(self._bits) / len(self._bits)
        if len(self._bits) == ASKED and mean < FLOOR:
            raise filial.Invalid(f"implausible: {mean:.2f} bits/byte is below {FLOOR}")
        return float(bits)


def checked(answer):
    """Returns 256 log-probabilities, exactly normalised, or raises Invalid."""
    if isinstance(answer, list) and all(type(value) in {int, float} for value in answer):
        answer = np.array(answer, np.float64)
    if not isinstance(answer, np.ndarray) or answer.dtype.kind != "f":
        raise filial.Invalid(f"expected 256 floats, got a {type(answer).__name__}")
    if answer.shape != (256,):
        raise filial.Invalid(f"expected 256 floats, got shape {list(answer.shape)}")
    logs = answer.astype(np.float64)
    if not np.isfinite(logs).all():
        raise filial.Invalid("log-probabilities must be finite")
    total = np.logaddexp.reduce(logs)
    if abs(total) > 1e-4:
        raise filial.Invalid(f"not a distribution: its logsumexp is {total:.4g}, not 0")
    return logs - total
