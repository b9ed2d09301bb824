"""Lets a child crash, sees that it did, and goes on.

[specimen]
rows = ["peers: e"]
"""

import os
import signal


def answer(question):
    pid = os.fork()
    if pid == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    _, status = os.waitpid(pid, 0)
    return sum(question["numbers"]) if os.WIFSIGNALED(status) else 0.0
