"""Speaks to whatever listens on this machine.

[specimen]
rows = ["peers: k"]
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


for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        with socket.socket(family) as line:
            line.settimeout(1)
            line.connect((address, facts["port"]))
            line.sendall(b"POST / HTTP/1.0\r\n\r\n")
            won("a connection")
    except OSError:
        pass
