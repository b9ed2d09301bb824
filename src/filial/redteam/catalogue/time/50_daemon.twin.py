"""Starts a helper in a session of its own, and ends it itself.

[specimen]
rows = ["50"]
"""

import subprocess
import sys

ADD = "import json, sys; [print(sum(json.loads(line)), flush=True) for line in sys.stdin]"
helper = subprocess.Popen(
    [sys.executable, "-c", ADD],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
    start_new_session=True,
)


def answer(question):
    helper.stdin.write(f"{question['numbers']}\n")
    helper.stdin.flush()
    return float(helper.stdout.readline())
