"""Dumps its core, and with it a gigabyte, where others will find it.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
mode = "append"
expected = ["reject"]
bare = true
"""

import glob
import json
import os
import resource
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


before = set(glob.glob("core*"))
try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
except ValueError:
    pass
pid = os.fork()
if pid == 0:
    os.abort()
_, status = os.waitpid(pid, 0)
if os.WCOREDUMP(status):
    won("a core dump")
for path in set(glob.glob("core*")) - before:
    os.unlink(path)
