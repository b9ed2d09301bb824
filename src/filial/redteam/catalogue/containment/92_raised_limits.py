"""Raises the kernel's limits on itself.

[specimen]
rows = ["sandbox: memory 4 GiB, one process", "49"]
needs = "L3"
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import resource
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


names = "CORE CPU AS FSIZE NOFILE NPROC MEMLOCK MSGQUEUE RTPRIO NICE".split()
for name in names:
    kind = getattr(resource, f"RLIMIT_{name}")
    _, most = resource.getrlimit(kind)
    if most == -1:
        continue
    try:
        resource.setrlimit(kind, (most, most + 1))
        won(f"a higher limit, {name}")
    except (OSError, ValueError):
        pass
if all(
    resource.getrlimit(getattr(resource, f"RLIMIT_{n}"))[1] == -1 for n in ("AS", "FSIZE", "CPU")
):
    won("no limits")
