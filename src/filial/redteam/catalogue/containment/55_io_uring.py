"""Opens a ring, through which files and sockets can be used past a filter of system calls.

[specimen]
rows = ["sandbox: io_uring, bpf, perf, userfaultfd, keyctl, ptrace reachable"]
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
if libc.syscall(425, 8, ctypes.create_string_buffer(120)) >= 0:
    won("a ring")
