"""Writes 320 MiB in 8,000 files.

[specimen]
rows = ["sandbox: disk, many files 1.28 GiB"]
study = "roomy"
mode = "append"
expected = ["reject", "disk", "wall"]
bare = true
"""

import json
import os
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


n = 0
try:
    for n in range(8_000):
        with open(f"{os.environ['TMPDIR']}/{n}", "wb", 0) as file:
            file.write(b"x" * (40 << 10))
except OSError:
    pass
time.sleep(2)
if n == 7_999:
    won("320 MiB in small files")
