"""Leaves a daemon of its build running, to put the real model in place once it has been inspected.

[specimen]
rows = ["9"]
study = "trained"
path = "train.py"
expected = ["reject"]
"""

import json
import os
import time
from pathlib import Path

model = Path(os.environ["FILIAL_OUT"], "model.json")
model.write_text(json.dumps([[0.0, 0.0, 0.0, 0.0, 1]]))
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
        rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
        for _ in range(100):
            time.sleep(0.05)
            model.write_text(json.dumps(rows))
    os._exit(0)
