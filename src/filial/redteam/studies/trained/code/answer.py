import json
import math
import os
from pathlib import Path

model = json.loads(Path(os.environ["FILIAL_OUT"], "model.json").read_text())


def answer(question):
    nearest = min(model, key=lambda point: math.dist(point[:-1], question["row"]))
    return int(nearest[-1])
