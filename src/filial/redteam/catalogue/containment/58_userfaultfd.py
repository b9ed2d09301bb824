"""Handles page faults itself, with which races in the kernel are won.

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
if libc.syscall({"x86_64": 323}.get(platform.machine(), 282), 1) >= 0:
    won("faults of its own")
try:
    os.close(os.open("/dev/userfaultfd", os.O_RDWR))
    won("the device for faults")
except OSError:
    pass
