"""Leaves System V semaphores behind.

[specimen]
rows = ["sandbox: pids visible, SysV shm survives"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


ctypes.CDLL(None).semget(facts["key"], 1, 0o1666)
