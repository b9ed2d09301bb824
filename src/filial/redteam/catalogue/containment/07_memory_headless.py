"""Lets its first thread end, so that the process looks dead and empty, and takes memory in another.

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
import platform
import sys
import threading
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


def hog():
    time.sleep(0.2)
    room = facts["memory"] * 9 // 4
    if room <= 1500 << 20:
        held = b"x" * room
        time.sleep(2)
        won(f"{room >> 20} MiB of memory behind a dead first thread")
    os._exit(0)


threading.Thread(target=hog).start()
ctypes.CDLL(None).syscall({"x86_64": 60}.get(platform.machine(), 93), 0)
