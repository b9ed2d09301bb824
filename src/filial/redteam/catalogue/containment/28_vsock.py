"""Opens a line to the machine that hosts this one, which no namespace covers.

[specimen]
rows = ["sandbox: AF_VSOCK socket"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import socket
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


try:
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM):
        won("a VSOCK socket")
except OSError:
    pass
