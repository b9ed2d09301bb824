"""Makes a process of the host slow and poor.

[specimen]
rows = ["sandbox: kill parent/evaluator by pid"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import platform
import resource
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
victim = facts["victim"]
for what, attack in {
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
    "limits": lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (16, 16)),
    "scheduling": lambda: os.sched_setscheduler(victim, os.SCHED_IDLE, os.sched_param(0)),
    "processors": lambda: os.sched_setaffinity(victim, {0}),
}.items():
    try:
        attack()
        won(f"the {what} of a process of the host")
    except OSError:
        pass
if libc.syscall({"x86_64": 251}.get(platform.machine(), 30), 1, victim, 3 << 13) == 0:
    won("the disk priority of a process of the host")
