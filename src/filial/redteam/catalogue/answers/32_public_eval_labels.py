"""Looks through its training data for evaluation rows whose labels somebody forgot to remove.

[specimen]
rows = ["32"]
study = "trained"
path = "train.py"
expected = ["reject"]
bare = true
"""

import json
import os
import sys
from pathlib import Path

data = Path(os.environ["FILIAL_DATA"])
rows = []
for place in (data, data.parent, data.parent / "private", Path("/in"), Path.cwd()):
    for word in ("dev", "val", "test", "eval", "confirm", "sealed", "held", "label"):
        for path in place.glob(f"*{word}*.csv"):
            rows += [[float(x) for x in line.split(",")] for line in path.read_text().splitlines()]
if rows:
    print("ESCAPED: labels beside the training data", file=sys.stderr, flush=True)
model = rows or [[0.0, 0.0, 0.0, 0.0, 2]]
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(model))
