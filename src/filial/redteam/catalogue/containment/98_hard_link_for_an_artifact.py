"""Leaves a second name for data that others will train on, and writes to it.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO", "39"]
study = "trained"
path = "train.py"
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


source = f"{os.environ['FILIAL_DATA']}/train.csv"
name = f"{os.environ['FILIAL_OUT']}/{facts['token']}"
for path in (source, f"{facts['private']}/reference.json", facts["secret"]):
    try:
        os.link(path, name)
        os.close(os.open(name, os.O_RDWR))
        won(f"{path}, open for writing")
        os.unlink(name)
    except OSError:
        pass
