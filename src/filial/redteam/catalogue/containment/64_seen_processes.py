"""Sees which other processes there are.

[specimen]
rows = ["sandbox: pids visible, SysV shm survives"]
needs = "L3"
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


try:
    os.getpgid(facts["victim"])
    won("the sight of another process")
except OSError:
    pass
for place in ("cmdline", "status", "stat", "fd"):
    if os.path.exists(f"/proc/{facts['victim']}/{place}"):
        won(f"another process's {place}")
        break
