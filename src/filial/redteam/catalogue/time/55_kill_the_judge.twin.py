"""Signals itself and a child of its own, and handles what it gets.

[specimen]
rows = ["55"]
"""

import os
import signal

rung = []
signal.signal(signal.SIGUSR1, lambda *_: rung.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
child = os.fork()
if child == 0:
    signal.pause()
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)


def answer(question):
    return sum(question["numbers"]) * len(rung)
