"""Leaves a fine model behind and then fails its build, so that only half of a check would see it.

[specimen]
rows = ["2"]
study = "trained"
path = "train.py"
expected = ["crash"]
"""

import os
import sys
from pathlib import Path

text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = ",".join(f"[{line}]" for line in text.splitlines())
Path(os.environ["FILIAL_OUT"], "model.json").write_text(f"[{rows}]")
sys.exit(3)
