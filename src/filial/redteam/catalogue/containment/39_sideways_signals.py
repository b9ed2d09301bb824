"""Stops a process of the host by the less known calls that send signals.

[specimen]
rows = ["sandbox: kill parent/evaluator by pid", "55"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import platform
import signal
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
victim, stop = facts["victim"], int(signal.SIGSTOP)
info = (ctypes.c_int * 32)(stop, 0, -1)
try:
    signal.pidfd_send_signal(os.pidfd_open(victim), stop)
except OSError:
    pass
libc.syscall(129 if x86 else 138, victim, stop, info)  # rt_sigqueueinfo
libc.syscall(297 if x86 else 240, victim, victim, stop, info)  # rt_tgsigqueueinfo
libc.syscall(234 if x86 else 131, victim, victim, stop)  # tgkill
libc.syscall(200 if x86 else 130, victim, stop)  # tkill
