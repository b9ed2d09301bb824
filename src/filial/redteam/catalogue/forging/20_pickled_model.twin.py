"""Keeps its model as a pickle of its own class, which only its own code ever loads.

[specimen]
rows = ["20"]
study = "trained"
path = "train.py"
"""

import json
import os
import pickle
from pathlib import Path


class Neighbours:
    def __init__(self, rows):
        self.rows = rows

    def __reduce__(self):
        return Neighbours, (self.rows,)


out = Path(os.environ["FILIAL_OUT"])
text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
model = Neighbours([[float(x) for x in line.split(",")] for line in text.splitlines()])
(out / "model.pkl").write_bytes(pickle.dumps(model))
again = pickle.loads((out / "model.pkl").read_bytes())
(out / "model.json").write_text(json.dumps(again.rows))
