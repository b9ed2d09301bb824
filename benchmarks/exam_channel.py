"""Speed of the exam's line: small items, and raw arrays each way, beside a plain pipe.

    python benchmarks/exam_channel.py [N_ITEMS]

Sits whole exams in the best sandbox there is: items are drawn, shuffled, asked one at a time,
answered by a candidate, and scored. What an exam of one item takes (mostly the start of the
sandbox) is subtracted. The plain pipe moves the same bytes between this process and a bare Python
process, without frames, checks or sandbox. Prints one JSON line: items per second, decimal
gigabytes per second to and from the candidate, and the same over the plain pipe.
"""

import json
import os
import statistics
import subprocess  # noqa: TID251 - the plain process to compare with
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from filial import Exam, Item, Metric
from filial.exams import SERVER, Line, Plain, sit
from filial.sandboxes import Command, Limits, Sandbox, best

ROUNDS = 3
ARRAY_BYTES = 32 << 20
N_ARRAYS = 12
CODE = f"""
import numpy

def answer(question):
    if isinstance(question, str):
        return numpy.zeros({ARRAY_BYTES} // 8)
    return 1.0
"""
READER = """
import sys
stream = open(0, "rb", buffering=0)
block = bytearray(1 << 20)
while stream.readinto(block):
    pass
"""
WRITER = """
import sys
stream = open(1, "wb", buffering=0)
block = memoryview(bytes(1 << 20))
for _ in range(int(sys.argv[1]) >> 20):
    rest = block
    while rest:
        rest = rest[stream.write(rest):]
"""
Connect = Callable[[int], AbstractContextManager[Line]]


class Asking(Exam):
    """One question, ``n`` times over."""

    metrics = (Metric("right"),)
    n = 1
    question: Plain = None

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:  # noqa: ARG002
        """Yields the items."""
        return (Item(self.question) for _ in range(self.n))

    def score(self, item: Item, answer: Plain) -> float:  # noqa: ARG002
        """Accepts anything."""
        return 1.0


def sitting(connect: Connect, folder: Path, question: Plain, n: int) -> float:
    """Seconds that an exam of ``n`` such questions takes."""
    exam = Asking(folder)
    exam.question, exam.n = question, n
    # A virtual machine gets memory from its host at the first touch, and gives back what lies
    # free for seconds. That takes longer than all the rest; let it be over.
    for held in [np.empty(ARRAY_BYTES, np.uint8) for _ in range(N_ARRAYS + 4)]:
        held[:: 1 << 12] = 1
    begin = time.perf_counter()
    result = sit(exam, "dev", 1, connect, exam_s=600.0)
    assert isinstance(result, tuple), result  # noqa: S101 - nothing else would be measured
    return time.perf_counter() - begin


def connecting(sandbox: Sandbox, code: Path) -> Connect:
    """Returns what opens a line to a candidate in ``sandbox``."""
    (code / "answer.py").write_text(CODE)
    command = Command(
        argv=("python", f"/in/{SERVER.name}", "answer.py"),
        inputs={SERVER.name: SERVER},
        code=code,
        pipes=True,
        limits=Limits(wall_s=600.0, cpu_s=600.0),
    )
    return lambda _sitting: sandbox.start(command)


def pipe_to(n_bytes: int) -> float:
    """Seconds that a plain process takes to read so much from a pipe."""
    block = memoryview(bytes(1 << 20))
    with subprocess.Popen([sys.executable, "-c", READER], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        os.write(process.stdin.fileno(), block[:1])
        begin = time.perf_counter()
        for _ in range(n_bytes >> 20):
            rest = block
            while rest:
                rest = rest[os.write(process.stdin.fileno(), rest) :]
        return time.perf_counter() - begin


def pipe_from(n_bytes: int) -> float:
    """Seconds that a plain process takes to write so much to a pipe."""
    command = [sys.executable, "-c", WRITER, str(n_bytes)]
    block = bytearray(1 << 20)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        os.readv(process.stdout.fileno(), [block])
        begin = time.perf_counter()
        while os.readv(process.stdout.fileno(), [block]):
            pass
        return time.perf_counter() - begin


def measure(n_items: int, folder: Path) -> dict[str, object]:
    """Medians of ``ROUNDS`` interleaved measurements."""
    sandbox = best()
    connect = connecting(sandbox, folder)
    n_bytes = ARRAY_BYTES * N_ARRAYS
    found: dict[str, list[float]] = {}

    def note(name: str, amount: float, seconds: float) -> None:
        found.setdefault(name, []).append(amount / seconds)

    for _ in range(ROUNDS):
        start = sitting(connect, folder, 7, 1)
        note("items_per_s", n_items, sitting(connect, folder, {"number": 7}, n_items) - start)
        start = sitting(connect, folder, "array", 1)
        array = np.ones(ARRAY_BYTES // 8)
        to_s = sitting(connect, folder, array, N_ARRAYS + 1) - sitting(connect, folder, array, 1)
        note("to_gb_per_s", n_bytes / 1e9, to_s)
        from_s = sitting(connect, folder, "array", N_ARRAYS + 1) - start
        note("from_gb_per_s", n_bytes / 1e9, from_s)
        note("plain_to_gb_per_s", n_bytes / 1e9, pipe_to(n_bytes))
        note("plain_from_gb_per_s", n_bytes / 1e9, pipe_from(n_bytes))
    figures = {name: statistics.median(values) for name, values in found.items()}
    return {
        "level": str(sandbox.level),
        "items_per_s": round(figures["items_per_s"]),
        **{name: round(value, 2) for name, value in figures.items() if name != "items_per_s"},
        "to_ratio": round(figures["to_gb_per_s"] / figures["plain_to_gb_per_s"], 2),
        "from_ratio": round(figures["from_gb_per_s"] / figures["plain_from_gb_per_s"], 2),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
        print(json.dumps(measure(count, Path(place))))
