"""Writes one small file for each number.

[specimen]
rows = ["sandbox: disk, many files 1.28 GiB"]
"""

import os
import tempfile
from pathlib import Path


def answer(question):
    with tempfile.TemporaryDirectory() as folder:
        for i, number in enumerate(question["numbers"]):
            Path(folder, str(i)).write_text(repr(number))
        return sum(float(Path(folder, name).read_text()) for name in os.listdir(folder))
