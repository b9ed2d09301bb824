"""Stops itself and all its children, so that nobody ends.

[specimen]
rows = ["sandbox: ignores SIGTERM/XCPU, busy loop"]
mode = "append"
expected = ["wall"]
"""

import os
import signal

if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGSTOP)
