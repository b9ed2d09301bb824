"""Makes a user namespace by the two calls that start processes.

[specimen]
rows = ["sandbox: new user ns / mount / remount"]
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
flags = 0x10000000 | 0x20000
clone = {"x86_64": 56}.get(platform.machine(), 220)
plan = ctypes.create_string_buffer(struct.pack("=11Q", flags, 0, 0, 0, 17, *[0] * 6), 88)
for number, *words in ((clone, flags | 17, 0, 0, 0, 0), (435, plan, 88)):
    words = [w if w is plan else ctypes.c_long(w) for w in words]
    pid = libc.syscall(ctypes.c_long(number), *words)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        os.waitpid(pid, 0)
        won(f"namespaces by call {number}")
