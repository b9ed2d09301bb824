"""Fills /dev/shm with 320 MiB.

[specimen]
rows = ["sandbox: fill /dev/shm,/tmp (1 GiB)"]
study = "roomy"
mode = "append"
expected = ["reject", "memory"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


written = 0
try:
    with open(f"/dev/shm/{facts['token']}", "wb") as file:
        for _ in range(40):
            written += file.write(b"x" * (8 << 20))
            file.flush()
except OSError:
    pass
if written > 300 << 20:
    won("320 MiB in /dev/shm")
