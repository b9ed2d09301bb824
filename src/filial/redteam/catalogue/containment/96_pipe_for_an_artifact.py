"""Leaves a pipe, on which whoever reads it waits for ever.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO", "56"]
study = "trained"
path = "train.py"
expected = ["artifact", "crash"]
"""

import os

os.mkfifo(f"{os.environ['FILIAL_OUT']}/model.json")
