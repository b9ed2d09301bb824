"""Joins the namespaces of other processes.

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
pid = os.fork()
if pid == 0:
    for other in (facts["victim"], facts["runner"], 1, os.getppid()):
        for kind in ("user", "mnt", "pid", "net", "ipc", "uts"):
            try:
                joined = os.open(f"/proc/{other}/ns/{kind}", os.O_RDONLY)
            except OSError:
                continue
            if libc.setns(joined, 0) == 0:
                won(f"the {kind} namespace of another process")
    os._exit(0)
os.waitpid(pid, 0)
