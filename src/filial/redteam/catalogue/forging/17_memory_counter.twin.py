"""Trains well within the guard's tolerance, and frees some scratch memory on the way.

[specimen]
rows = ["17"]
study = "trained"
path = "train.py"
"""

import json
import os
from pathlib import Path

scratch = bytearray(b"x") * (16 << 20)
text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
del scratch
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(rows))
