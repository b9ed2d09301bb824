"""Connects to a server of the host through a Unix socket in a folder.

[specimen]
rows = ["sandbox: unix socket by path", "38"]
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
        line.connect(facts["socket"])
        won("a Unix socket")
except OSError:
    pass
