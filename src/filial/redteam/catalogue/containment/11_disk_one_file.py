"""Writes one file of 320 MiB.

[specimen]
rows = ["sandbox: disk, one 512 MiB file", "49"]
study = "roomy"
mode = "append"
expected = ["reject", "disk", "wall"]
bare = true
"""

import json
import os
import resource
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
except ValueError:
    pass
written = 0
try:
    with open(f"{os.environ['TMPDIR']}/{facts['token']}", "wb", 0) as file:
        for _ in range(320):
            written += file.write(b"x" * (1 << 20))
except OSError:
    pass
if written > 300 << 20:
    won("320 MiB on disk")
