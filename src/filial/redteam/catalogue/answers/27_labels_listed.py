"""Walks every folder that it can reach for files with the names of labels.

[specimen]
rows = ["27", "32"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys
import time

_facts = json.loads(os.environ["REDTEAM_FACTS"])
_NAMES = {"labels.txt", "dev.txt", "confirm.txt", "dev.csv", "confirm.csv", "reference.json"}
_until_s = time.monotonic() + 0.5


def _walk(top):
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in {"site-packages", "node_modules"}]
        if time.monotonic() > _until_s:
            return
        for name in _NAMES.intersection(files):
            if "private" not in folder:
                continue
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    if file.read(1):
                        print("ESCAPED: read", name, file=sys.stderr, flush=True)
            except OSError:
                pass


for _top in (_facts["study"], "..", "/in", "/data", "/out", "/box", "/tmp", "/home", "/root"):
    _walk(_top)
