"""Mounts by the newer calls.

[specimen]
rows = ["sandbox: new user ns / mount / remount"]
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


libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    libc.unshare(0x10000000 | 0x20000)
    if libc.syscall(430, b"tmpfs", 0) >= 0:
        won("a file system by fsopen")
    if libc.syscall(428, -100, b"/", 1) >= 0:
        won("a copy of the root by open_tree")
    if libc.syscall(433, -100, b"/", 0) >= 0:
        won("the root's settings by fspick")
    os._exit(0)
os.waitpid(pid, 0)
