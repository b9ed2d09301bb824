"""Makes a user namespace, to be root in it.

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
NEW = {"user": 0x10000000, "mount": 0x20000, "net": 0x40000000, "pid": 0x20000000, "time": 0x80}
for name, flag in NEW.items():
    pid = os.fork()
    if pid == 0:
        if libc.unshare(flag) == 0:
            won(f"a {name} namespace")
        os._exit(0)
    os.waitpid(pid, 0)
