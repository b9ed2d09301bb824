"""Splits its training rows into two parts and picks the better of two models on the second.

[specimen]
rows = ["32", "31"]
study = "trained"
path = "train.py"
"""

import json
import math
import os
from pathlib import Path

text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
fit, held = rows[:240], rows[240:]


def right(points):
    near = [min(points, key=lambda p: math.dist(p[:4], row[:4]))[4] for row in held]
    return sum(a == row[4] for a, row in zip(near, held))


best = max((fit[:60], fit), key=right)
print("held-out accuracy", right(best) / len(held))
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(best))
