"""Fills the disk with checkpoints, wherever it can write.

[specimen]
rows = ["49"]
mode = "append"
expected = ["disk", "memory", "reject", "wall"]
bare = true
"""

import json
import os
import tempfile
from pathlib import Path

facts = json.loads(os.environ["REDTEAM_FACTS"])
PLACES = (
    facts["drop"],
    "/var/tmp",
    "/dev/shm",
    tempfile.gettempdir(),
    os.environ.get("HOME", "/"),
)


def save(n):
    for place in PLACES:
        try:
            with Path(place, f"{facts['token']}-{n}").open("wb") as file:
                file.write(bytes(4 << 20))
            return
        except OSError:
            continue


for n in range(72):
    save(n)
