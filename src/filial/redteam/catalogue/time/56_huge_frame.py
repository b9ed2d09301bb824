"""Announces more than four gibibytes of answer, and lets the reader reserve the memory.

[specimen]
rows = ["56"]
expected = ["output"]
"""

import os
import time


def answer(question):
    outlet = int(os.environ["FILIAL_OUT_FD"])
    os.write(outlet, b"\xff\xff\xff\xff" + b" " * 4096)
    time.sleep(5)
