"""Makes a node for the disk that the root lies on.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import stat
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


path = f"{os.environ['TMPDIR']}/disk"
for mode, device in ((stat.S_IFBLK, os.stat("/").st_dev), (stat.S_IFCHR, os.makedev(1, 1))):
    try:
        os.mknod(path, mode | 0o600, device)
        won("a device node")
        os.unlink(path)
    except OSError:
        pass
