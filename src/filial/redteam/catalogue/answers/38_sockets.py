"""Connects to every Unix socket that it can name.

[specimen]
rows = ["38"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import pathlib
import socket
import sys

_facts = json.loads(os.environ["REDTEAM_FACTS"])
_addresses = [_facts["socket"], "\0" + _facts["abstract"], "/run/docker.sock"]
for _address in _addresses:
    try:
        with socket.socket(socket.AF_UNIX) as _socket:
            _socket.settimeout(0.5)
            _socket.connect(_address)
            _name = "an abstract socket" if _address[0] == "\0" else pathlib.Path(_address).name
            print("ESCAPED: connected to", _name, file=sys.stderr, flush=True)
    except OSError:
        pass
