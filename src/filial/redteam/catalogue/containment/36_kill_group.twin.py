"""Ends a group of its own children once they are done.

[specimen]
rows = ["55", "sandbox: benign control"]
"""

import os
import signal
import subprocess
import sys

PROGRAM = """
import sys, time
print(sum(map(float, sys.stdin.readline().split())), flush=True)
time.sleep(60)
"""


def answer(question):
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    child.stdin.write(" ".join(map(repr, question["numbers"])) + "\n")
    child.stdin.flush()
    total = float(child.stdout.readline())
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    return total
