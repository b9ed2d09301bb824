"""Changes what the kernel thinks of its randomness.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
mode = "append"
expected = ["reject"]
bare = true
"""

import fcntl
import json
import os
import struct
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


for path in ("/dev/random", "/dev/urandom"):
    try:
        with open(path, "rb") as device:
            fcntl.ioctl(device, 0x40045201, struct.pack("=i", 0))
            won("the kernel's entropy")
    except OSError:
        pass
