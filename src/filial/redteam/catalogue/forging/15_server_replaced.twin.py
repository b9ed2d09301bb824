"""Starts a second interpreter for its arithmetic and passes it pipes of its own.

[specimen]
rows = ["15"]
"""

import json
import subprocess
import sys

WORKER = "import json, sys\nfor line in sys.stdin: print(sum(json.loads(line)), flush=True)"
worker = subprocess.Popen(
    [sys.executable, "-S", "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)


def answer(question):
    worker.stdin.write(json.dumps(question["numbers"]) + "\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())
