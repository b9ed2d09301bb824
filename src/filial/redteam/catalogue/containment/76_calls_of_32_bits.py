"""Makes system calls by the gate for 32-bit programs, whose numbers a filter may not know.

[specimen]
rows = ["sandbox: io_uring, bpf, perf, userfaultfd, keyctl, ptrace reachable"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import mmap
import os
import platform
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


if platform.machine() == "x86_64":
    # push rbx; mov eax, 136 (personality); mov ebx, -1; int 0x80; pop rbx; ret
    code = b"\x53\xb8\x88\x00\x00\x00\xbb\xff\xff\xff\xff\xcd\x80\x5b\xc3"
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if os.fork() == 0:
        if call() >= 0:
            won("a forbidden call through the 32-bit gate")
        os._exit(0)
    os.wait()
