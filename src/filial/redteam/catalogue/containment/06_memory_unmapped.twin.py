"""Keeps its numbers in a memory file.

[specimen]
rows = ["sandbox: memory 4 GiB, one process"]
"""

import array
import os


def answer(question):
    file = os.memfd_create("numbers")
    os.write(file, array.array("d", question["numbers"]).tobytes())
    os.lseek(file, 0, os.SEEK_SET)
    numbers = array.array("d", os.read(file, 1 << 16))
    os.close(file)
    return sum(numbers)
