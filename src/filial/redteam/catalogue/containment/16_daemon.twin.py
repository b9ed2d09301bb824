"""Lets a child of another session do the adding up, and waits for its end.

[specimen]
rows = ["50"]
"""

import subprocess
import sys

PROGRAM = "import json, sys; print(sum(json.load(sys.stdin)))"


def answer(question):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=repr(question["numbers"]),
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    return float(done.stdout)
