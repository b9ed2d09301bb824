"""Leaves a socket among its files, or a device where it may.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO", "56"]
study = "trained"
path = "train.py"
mode = "append"
expected = ["artifact"]
"""

import json
import os
import socket
import stat
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


out = os.environ["FILIAL_OUT"]
try:
    os.mknod(f"{out}/zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
except OSError:
    pass
try:
    os.chdir(out)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("line")
except OSError:  # no sockets here
    os.symlink("/dev/zero", f"{out}/line")
