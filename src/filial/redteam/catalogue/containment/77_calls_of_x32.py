"""Makes forbidden system calls by their x32 numbers.

[specimen]
rows = ["sandbox: io_uring, bpf, perf, userfaultfd, keyctl, ptrace reachable"]
mode = "append"
expected = ["reject"]
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
if platform.machine() == "x86_64":
    for name, number in {"unshare": 272, "ptrace": 521, "bpf": 321, "personality": 135}.items():
        words = {"personality": (0xFFFFFFFF,), "unshare": (0x10000000,), "ptrace": (0, 0, 0, 0)}
        if libc.syscall(0x40000000 | number, *words.get(name, (0, 0, 0))) >= 0:
            won(f"{name} by its x32 number")
