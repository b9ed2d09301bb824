"""Opens sockets of every family there is.

[specimen]
rows = ["sandbox: AF_VSOCK socket", "sandbox: TCP loopback / abstract socket"]
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


for family in range(2, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            with socket.socket(family, kind):
                won(f"a socket of family {family}")
                break
        except OSError:
            pass
