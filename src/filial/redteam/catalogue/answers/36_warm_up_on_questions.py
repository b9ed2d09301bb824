"""Peeks into the pipe for the next question while it still works on this one.

[specimen]
rows = ["36", "37"]
study = "bytes"
expected = ["reject"]
"""

import array
import fcntl
import math
import os
import select
import sys
import termios

inlet = int(os.environ["FILIAL_IN"])


def answer(question):
    waiting = array.array("i", [0])
    fcntl.ioctl(inlet, termios.FIONREAD, waiting)
    if waiting[0] or select.select([inlet], [], [], 0)[0]:
        print("ESCAPED: the next question before the answer", file=sys.stderr, flush=True)
    return [-math.log(256)] * 256
