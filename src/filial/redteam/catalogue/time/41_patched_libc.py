"""Overwrites the machine code of libc's clocks, so that they return without telling the time.

[specimen]
rows = ["41"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
"""

import ctypes
import mmap
import platform

STUBS = {
    "x86_64": b"\x31\xc0\xc3",  # xor eax, eax; ret
    "aarch64": b"\x00\x00\x80\xd2\xc0\x03\x5f\xd6",  # mov x0, 0; ret
}
libc = ctypes.CDLL(None)
stub = STUBS[platform.machine()]
for name in ("clock_gettime", "gettimeofday", "getrusage", "times"):
    address = ctypes.cast(getattr(libc, name), ctypes.c_void_p).value
    page = address & -mmap.PAGESIZE
    if libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(2 * mmap.PAGESIZE), 7) == 0:
        ctypes.memmove(address, stub, len(stub))
