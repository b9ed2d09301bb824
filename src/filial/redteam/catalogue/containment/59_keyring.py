"""Leaves a key with the kernel, which keeps it for the user's next process.

[specimen]
rows = ["sandbox: io_uring, bpf, perf, userfaultfd, keyctl, ptrace reachable"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import platform
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
add, control = {"x86_64": (248, 250)}.get(platform.machine(), (217, 219))
for ring in (-4, -5, -3):
    key = libc.syscall(add, b"user", facts["token"].encode(), b"note", ctypes.c_size_t(4), ring)
    if key > 0:
        won("a key kept by the kernel")
        libc.syscall(control, 21, key)  # invalidated
        break
