"""Traps the server's write() by a seccomp filter of its own and sends another record instead.

[specimen]
rows = ["11"]
expected = ["ill_typed"]
"""

import ctypes
import os
import platform
import signal
import struct

RECORD = b'{"n":0,"value":1.0,"accuracy":1.0,"score":1.0}'
outlet = int(os.environ["FILIAL_OUT_FD"])


def forge(_number, _frame):
    os.writev(outlet, [len(RECORD).to_bytes(4, "big"), RECORD])
    os._exit(0)


def trap():
    write = 1 if platform.machine() == "x86_64" else 64
    rules = [
        struct.pack("HBBI", 0x20, 0, 0, 0),  # load the number of the call
        struct.pack("HBBI", 0x15, 0, 3, write),
        struct.pack("HBBI", 0x20, 0, 0, 16),  # load its first argument
        struct.pack("HBBI", 0x15, 0, 1, outlet),
        struct.pack("HBBI", 0x06, 0, 0, 0x00030000),  # trap
        struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000),  # allow
    ]
    code = ctypes.create_string_buffer(b"".join(rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    return libc.prctl(22, 2, program, 0, 0) == 0


def answer(question):
    signal.signal(signal.SIGSYS, forge)
    if not trap():
        forge(0, None)
    return 0.0
