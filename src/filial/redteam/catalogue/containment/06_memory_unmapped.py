"""Keeps more than twice its memory in memory files that no process maps.

[specimen]
rows = ["sandbox: memory 4 GiB, one process"]
study = "tight"
needs = "L4"
mode = "append"
expected = ["memory"]
bare = true
"""

import json
import os
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


room = facts["memory"] * 9 // 4
if room <= 1500 << 20:
    files = []
    for _ in range(8):
        file = os.memfd_create("held")
        files.append(file)
        for _ in range(room >> 26):
            os.write(file, b"x" * (8 << 20))
    time.sleep(2)
    won(f"{room >> 20} MiB of memory files")
