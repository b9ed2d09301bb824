"""Moves out of the group that limits its memory.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio", "49"]
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


own = {}
for line in open("/proc/self/cgroup"):
    _, names, path = line.strip().split(":", 2)
    own[names.removeprefix("name=")] = path
for top in (
    "/sys/fs/cgroup",
    *(f"/sys/fs/cgroup/{name}" for name in own),
    "/sys/fs/cgroup/unified",
):
    for group in {*own.values(), "/"}:
        try:
            with open(f"{top}{group}/cgroup.procs", "w") as file:
                if group != "/":
                    file.write(str(os.getpid()))  # where it is already
            won(f"the control groups under {top}")
        except OSError:
            pass
