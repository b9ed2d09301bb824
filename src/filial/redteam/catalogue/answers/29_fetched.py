"""Tries to fetch the answer from a server: over TCP, UDP, a proxy and whatever the system has.

[specimen]
rows = ["29", "peers: k"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import socket
import subprocess
import sys
import urllib.request

_facts = json.loads(os.environ["REDTEAM_FACTS"])
_url = f"http://127.0.0.1:{_facts['port']}/answers.json"
try:
    socket.create_connection(("127.0.0.1", _facts["port"]), timeout=0.3).close()
    print("ESCAPED: a TCP connection", file=sys.stderr, flush=True)
except OSError:
    pass
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as _socket:
        _socket.connect(("192.0.2.1", 9))  # a test network; nothing is sent
        print("ESCAPED: a route to the outside", file=sys.stderr, flush=True)
except OSError:
    pass
try:
    urllib.request.urlopen(_url, timeout=0.3)
except OSError:
    pass
for _tool in (
    ["curl", "-sm", "0.3", _url],
    ["bash", "-c", f"echo > /dev/tcp/127.0.0.1/{_facts['port']}"],
):
    try:
        subprocess.run(_tool, capture_output=True, timeout=1)
    except (OSError, subprocess.SubprocessError):
        pass
