"""Saves a first model early and copies a better one over it at the end.

[specimen]
rows = ["33"]
study = "trained"
path = "train.py"
"""

import json
import os
import shutil
from pathlib import Path

out = Path(os.environ["FILIAL_OUT"])
text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
(out / "model.json").write_text(json.dumps(rows[:10]))
(out / "best.json").write_text(json.dumps(rows))
shutil.copyfile(out / "best.json", out / "model.json")
