"""Rewrites its model while it is being examined.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO"]
study = "trained"
path = "answer.py"
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


path = f"{os.environ['FILIAL_OUT']}/model.json"
for way in (path, f"/proc/self/fd/{os.open(path, os.O_RDONLY)}"):
    try:
        os.close(os.open(way, os.O_RDWR))
        won("its model open for writing")
    except OSError:
        pass
try:
    os.rename(path, path + "2")
    os.rename(path + "2", path)
    won("its model under another name")
except OSError:
    pass
