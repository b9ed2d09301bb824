"""Takes too much memory under a name made to confuse whoever reads the table of processes.

[specimen]
rows = ["sandbox: memory 4 GiB, one process"]
study = "tight"
mode = "append"
expected = ["memory"]
bare = true
"""

import ctypes
import json
import os
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None)
libc.prctl(15, b") Z 0 0 (\n) 1", 0, 0, 0)
libc.prctl(4, 0, 0, 0, 0)  # not dumpable: files about it belong to root
room = facts["memory"] * 9 // 4
if room <= 1500 << 20:
    held = b"x" * room
    time.sleep(2)
    won(f"{room >> 20} MiB of memory in disguise")
