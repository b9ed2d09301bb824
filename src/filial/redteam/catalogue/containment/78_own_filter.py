"""Lays a filter of its own over the system calls, which allows what was forbidden and asks itself.

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


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


pid = os.fork()
if pid == 0:
    rules = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
    program = Program(1, ctypes.cast(rules, ctypes.c_void_p))
    libc.prctl(38, 1, 0, 0, 0)
    libc.syscall({"x86_64": 317}.get(platform.machine(), 277), 1, 8, ctypes.byref(program))
    if libc.unshare(0x10000000) == 0:
        won("a namespace, past the filter")
    os._exit(0)
os.waitpid(pid, 0)
