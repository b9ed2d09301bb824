"""Sets the clock of the machine.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import struct
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
try:
    time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))
    won("the clock of the machine")
except OSError:
    pass
now = time.clock_gettime_ns(time.CLOCK_REALTIME)
if libc.settimeofday(struct.pack("=qq", now // 10**9, now // 1000 % 10**6), None) == 0:
    won("the clock of the machine by settimeofday")
