import json
import os
from pathlib import Path

text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
model = [[float(x) for x in line.split(",")] for line in text.splitlines()[:6]]
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(model))
