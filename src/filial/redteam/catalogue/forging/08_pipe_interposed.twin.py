"""Sends its own stdout through a pipe and a thread that drops debug lines.

[specimen]
rows = ["8"]
"""

import os
import threading

real = os.dup(1)
mine, theirs = os.pipe()
os.dup2(theirs, 1)


def filtered():
    with open(mine, "rb") as lines:
        for line in lines:
            if not line.startswith(b"debug"):
                os.write(real, line)


threading.Thread(target=filtered, daemon=True).start()


def answer(question):
    print("debug", len(question["numbers"]), flush=True)
    print("adding", flush=True)
    return sum(question["numbers"])
