"""Takes more than twice the memory it may have and keeps it.

[specimen]
rows = ["sandbox: memory 4 GiB, one process"]
study = "tight"
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
    held = b"x" * room
    time.sleep(2)
    won(f"{room >> 20} MiB of memory")
