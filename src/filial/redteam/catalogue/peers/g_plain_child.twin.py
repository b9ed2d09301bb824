"""Starts an ordinary program, waits a moment and ends it.

[specimen]
rows = ["peers: g", "50"]
"""

import subprocess


def answer(question):
    with subprocess.Popen(["/bin/sleep", "17"]) as child:
        total = sum(question["numbers"])
        child.terminate()
    return total
