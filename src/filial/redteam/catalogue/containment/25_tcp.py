"""Connects to a server of the host over TCP.

[specimen]
rows = ["sandbox: TCP loopback / abstract socket", "peers: k"]
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
    with socket.create_connection(("127.0.0.1", facts["port"]), timeout=1):
        won("a TCP connection")
except OSError:
    pass
