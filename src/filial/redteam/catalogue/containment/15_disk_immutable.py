"""Makes a file that not even root can remove.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
mode = "append"
expected = ["reject"]
bare = true
"""

import fcntl
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


with open(f"{os.environ['TMPDIR']}/{facts['token']}", "w") as file:
    try:
        fcntl.ioctl(file, 0x40086602, b"\x10\0\0\0\0\0\0\0")
        won("a file that nobody can remove")
        fcntl.ioctl(file, 0x40086602, b"\0\0\0\0\0\0\0\0")
    except OSError:
        pass
