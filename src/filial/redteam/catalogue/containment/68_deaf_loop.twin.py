"""Catches signals to end in good order.

[specimen]
rows = ["sandbox: ignores SIGTERM/XCPU, busy loop"]
"""

import atexit
import signal
import sys

for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGINT):
    signal.signal(number, lambda *_: sys.exit(0))
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
atexit.register(print, "bye")


def answer(question):
    return sum(question["numbers"])
