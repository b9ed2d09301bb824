"""Mounts over, remounts and swaps the root, with a user namespace of its own if it gets one.

[specimen]
rows = ["sandbox: new user ns / mount / remount"]
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
folder = f"{os.environ['TMPDIR']}/mnt".encode()
os.makedirs(folder, exist_ok=True)
pid = os.fork()
if pid == 0:
    if libc.unshare(0x10000000 | 0x20000) and libc.unshare(0x20000):
        # Without a namespace of its own, only what changes nothing of the host's.
        if libc.mount(b"none", b"/", None, 0x20 | 0x1000, None) == 0:
            won("a remount")
        os._exit(0)
    if libc.mount(None, b"/", None, 0x40000 | 0x4000, None) == 0:
        won("mounts made private")
    if libc.mount(b"none", folder, b"tmpfs", 0, None) == 0:
        won("a file system of its own")
    if libc.mount(b"/", folder, None, 0x1000, None) == 0:
        won("a second view of the root")
    os._exit(0)
os.waitpid(pid, 0)
