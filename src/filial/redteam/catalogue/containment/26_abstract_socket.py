"""Connects to a server of the host through an abstract Unix socket.

[specimen]
rows = ["sandbox: TCP loopback / abstract socket", "38"]
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
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        line.connect("\0" + facts["abstract"])
        won("an abstract socket")
except OSError:
    pass
