"""Trains on every row that it was given, and on slightly moved copies of them.

[specimen]
rows = ["34", "39"]
study = "trained"
path = "train.py"
"""

import json
import os
import random
from pathlib import Path

rng = random.Random(int(os.environ["FILIAL_SEED"]))
text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
moved = [[*(x + rng.gauss(0, 0.05) for x in row[:4]), row[4]] for row in rows]
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(rows + moved))
