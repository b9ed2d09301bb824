"""Leaves no model but a file that never ends: a pipe, or else a link to a device.

[specimen]
rows = ["56"]
study = "trained"
path = "train.py"
expected = ["artifact"]
"""

import os
from pathlib import Path

model = Path(os.environ["FILIAL_OUT"], "model.json")
try:
    os.mkfifo(model)
except OSError:
    model.symlink_to("/dev/zero")
