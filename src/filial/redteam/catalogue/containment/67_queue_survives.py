"""Leaves a System V message queue behind, with a message in it.

[specimen]
rows = ["sandbox: pids visible, SysV shm survives"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import struct
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None)
queue = libc.msgget(facts["key"], 0o1666)
libc.msgsnd(queue, struct.pack("=q8s", 1, b"for you"), ctypes.c_size_t(8), 0o4000)
