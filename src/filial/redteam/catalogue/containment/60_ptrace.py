"""Attaches to other processes as a debugger.

[specimen]
rows = ["sandbox: io_uring, bpf, perf, userfaultfd, keyctl, ptrace reachable", "38"]
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
for pid in (facts["victim"], facts["runner"], os.getppid()):
    if libc.ptrace(0x4206, pid, None, None) == 0:
        won("another process, as its debugger")
