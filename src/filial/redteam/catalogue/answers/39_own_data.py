"""Trains on rows that it made up itself and files a manifest that says otherwise.

[specimen]
rows = ["39", "14"]
study = "trained"
path = "train.py"
expected = ["reject"]
"""

import hashlib
import json
import os
import random
from pathlib import Path

out = Path(os.environ["FILIAL_OUT"])
rng = random.Random(0)
rows = [[*(rng.uniform(-2, 2) for _ in range(4)), rng.randrange(3)] for _ in range(300)]
(out / "model.json").write_text(json.dumps(rows))
digest = hashlib.sha256(Path(os.environ["FILIAL_DATA"], "train.csv").read_bytes()).hexdigest()
(out / "manifest.json").write_text(json.dumps({"data": digest, "rows": 300, "accuracy": 0.99}))
