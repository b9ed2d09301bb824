"""Opens the machine's performance counters.

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
number = {"x86_64": 298}.get(platform.machine(), 241)
plan = ctypes.create_string_buffer(struct.pack("=IIQQQQQ", 1, 112, 0, 0, 0, 0, 0x61), 112)
for pid, processor in ((0, -1), (facts["victim"], -1), (-1, 0)):
    if libc.syscall(number, plan, pid, processor, -1, 0) >= 0:
        won("performance counters")
