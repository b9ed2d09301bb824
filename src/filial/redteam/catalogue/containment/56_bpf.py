"""Loads a map into the kernel.

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
import struct
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 321}.get(platform.machine(), 280)
plan = ctypes.create_string_buffer(struct.pack("=5I", 2, 4, 8, 1, 0), 72)
if libc.syscall(number, 0, plan, 72) >= 0:
    won("a map in the kernel")
