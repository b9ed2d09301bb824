"""Reads the memory of another process by the system call for it.

[specimen]
rows = ["sandbox: evaluator memory (/proc/pid/mem, process_vm_readv)", "38"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import errno
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


class Piece(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


libc = ctypes.CDLL(None, use_errno=True)
place = 4096
try:
    with open(f"/proc/{facts['victim']}/maps") as maps:
        place = int(maps.readline().split("-")[0], 16)
except OSError:
    pass
buffer = ctypes.create_string_buffer(64)
mine = Piece(ctypes.addressof(buffer), 64)
theirs = Piece(place, 64)
n = libc.process_vm_readv(
    facts["victim"], ctypes.byref(mine), 1, ctypes.byref(theirs), 1, ctypes.c_ulong(0)
)
if n > 0 or ctypes.get_errno() == errno.EFAULT:
    won("another process's memory")
