"""Makes a file of 64 GiB that is all hole.

[specimen]
rows = ["sandbox: disk, one 512 MiB file"]
study = "roomy"
mode = "append"
expected = ["reject", "disk", "wall"]
bare = true
"""

import json
import os
import resource
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
except ValueError:
    pass
path = f"{os.environ['TMPDIR']}/{facts['token']}"
try:
    with open(path, "wb") as file:
        file.truncate(64 << 30)
    time.sleep(0.5)
    won("a file of 64 GiB")
except OSError:
    pass
