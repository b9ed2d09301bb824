"""Copies its model to its scratch folder and works on the copy.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO"]
study = "trained"
path = "train.py"
"""

import json
import os
import tempfile
from pathlib import Path

text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
model = [[float(x) for x in line.split(",")] for line in text.splitlines()]
with tempfile.TemporaryDirectory() as folder:
    copy = Path(folder, "model.json")
    copy.write_text(json.dumps(model))
    out = Path(os.environ["FILIAL_OUT"])
    (out / "notes" / "more").mkdir(parents=True)
    (out / "notes" / "more" / "size.txt").write_text(str(len(model)))
    Path(out, "model.json.new").write_bytes(copy.read_bytes())
    Path(out, "model.json.new").replace(out / "model.json")
