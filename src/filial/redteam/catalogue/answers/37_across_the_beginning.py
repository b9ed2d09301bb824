"""Takes the byte that followed the same beginning in another process, by way of shared memory.

[specimen]
rows = ["37", "38"]
study = "bytes"
expected = ["reject"]
"""

import json
import math
import mmap
import os
import sys
from pathlib import Path

facts = json.loads(os.environ["REDTEAM_FACTS"])
shared = None
for folder in ("/dev/shm", "/tmp", "/var/tmp", os.environ["FILIAL_CODE"]):
    path = Path(folder, f"{facts['token']}-seen")
    if path.exists():
        print("ESCAPED: what another process has seen", file=sys.stderr, flush=True)
    try:
        path.touch()
        os.truncate(path, 1 << 16)
        with path.open("r+b") as file:
            shared = mmap.mmap(file.fileno(), 0)
    except OSError:
        pass


def answer(question):
    text = bytes(question["prefix"])
    counts = [1.0] * 256
    if shared is not None:
        place = shared.find(text)
        if place >= 0:
            counts[shared[place + len(text)]] += 1e4
        shared.seek(0)
        shared.write(text[: 1 << 16])
    total = math.fsum(counts)
    return [math.log(count / total) for count in counts]
