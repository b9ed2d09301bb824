"""Hands a partial sum from child to child through pipes, and waits for the last.

[specimen]
rows = ["50"]
"""

import os
import struct


def answer(question):
    numbers = question["numbers"]
    total = b"\0" * 8
    for i in range(3):
        inlet, outlet = os.pipe()
        pid = os.fork()
        if pid == 0:
            so_far = struct.unpack("d", total)[0]
            os.write(outlet, struct.pack("d", so_far + sum(numbers[i::3])))
            os._exit(0)
        os.waitpid(pid, 0)
        total = os.read(inlet, 8)
        os.close(inlet)
        os.close(outlet)
    return struct.unpack("d", total)[0]
