"""Looks for programs that would make it root.

[specimen]
rows = ["sandbox: new user ns / mount / remount"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import stat
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 0:
    for name in ("su", "passwd", "mount", "newgrp", "sudo", "chsh", "gpasswd"):
        try:
            if os.stat(f"/usr/bin/{name}").st_mode & stat.S_ISUID:
                won(f"more rights through {name}")
        except OSError:
            pass
