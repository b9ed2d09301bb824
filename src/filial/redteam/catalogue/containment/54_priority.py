"""Gives itself the right of way over everybody on the machine.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import platform
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    for what, attack in {
        "real-time priority": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    }.items():
        try:
            attack()
            won(what)
        except OSError:
            pass
    if libc.syscall({"x86_64": 251}.get(platform.machine(), 30), 1, 0, 1 << 13) == 0:
        won("real-time priority on the disk")
    os._exit(0)
os.waitpid(pid, 0)
