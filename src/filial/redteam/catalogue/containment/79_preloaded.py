"""Plants a library that every next program would load.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


for path in ("/etc/ld.so.preload", "/etc/ld.so.cache", "/etc/environment", sys.executable):
    try:
        os.close(os.open(path, os.O_WRONLY))
        won(f"{path} open for writing")
    except OSError:
        pass
