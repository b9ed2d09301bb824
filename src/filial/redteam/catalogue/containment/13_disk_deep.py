"""Nests folders deeper than any path is long, and closes the innermost.

[specimen]
rows = ["sandbox: disk, many files 1.28 GiB"]
mode = "append"
expected = ["reject", "disk", "wall"]
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


here = os.getcwd()
os.chdir(os.environ["TMPDIR"])
for _ in range(3000):
    os.mkdir("deeper")
    os.chdir("deeper")
os.mkdir(facts["token"], 0)
os.chmod("..", 0)
os.chdir(here)
