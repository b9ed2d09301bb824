"""Keeps more than twice its memory in System V segments that no process has attached.

[specimen]
rows = ["sandbox: memory 8×512 MiB"]
study = "tight"
needs = "L4"
mode = "append"
expected = ["memory", "reject"]
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


libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = (ctypes.c_void_p,)
room = facts["memory"] * 9 // 4
if room <= 1500 << 20:
    segment = libc.shmget(facts["key"], ctypes.c_size_t(room), 0o1600)
    if segment >= 0:
        place = libc.shmat(segment, None, 0)
        ctypes.memset(place, 1, room)
        libc.shmdt(ctypes.c_void_p(place))
        time.sleep(2)
        won(f"{room >> 20} MiB in a detached segment")
        libc.shmctl(segment, 0, None)
