"""Loops for ever in C, deaf to every signal.

[specimen]
rows = ["peers: f"]
expected = ["wall"]
"""

import ctypes
import signal


def answer(question):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    libc = ctypes.PyDLL(None)  # keeps the interpreter's lock
    while True:
        libc.sleep(60)
