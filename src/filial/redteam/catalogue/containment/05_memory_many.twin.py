"""Shares 200 MiB with four children, who count it four times if one is careless.

[specimen]
rows = ["sandbox: memory 8×512 MiB"]
"""

import mmap
import os
import struct

SHARED = mmap.mmap(-1, 200 << 20)
for page in range(0, 200 << 20, 4096):
    SHARED[page] = 1


def answer(question):
    numbers = question["numbers"]
    children = []
    for i in range(4):
        pid = os.fork()
        if pid == 0:
            touched = sum(SHARED[page] for page in range(4096, 200 << 20, 1 << 16))
            struct.pack_into("d", SHARED, 8 * i, sum(numbers[i::4]) if touched else 0.0)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return sum(struct.unpack_from("4d", SHARED))
