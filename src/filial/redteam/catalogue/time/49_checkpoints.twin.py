"""Keeps a few small checkpoints in its scratch while it adds up.

[specimen]
rows = ["49"]
"""

import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())


def answer(question):
    total = 0.0
    for k, number in enumerate(question["numbers"]):
        total += number
        if k % 10 == 0:
            (folder / "checkpoint").write_text(str(total))
    return total
