"""Burns CPU time in orphans whose parents never ask how much it was.

[specimen]
rows = ["sandbox: ignores SIGTERM/XCPU, busy loop", "50"]
study = "tight"
mode = "append"
expected = ["cpu"]
"""

import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    for _ in range(8):
        if os.fork() == 0:
            end = time.monotonic() + 15
            while time.monotonic() < end:
                pass
            os._exit(0)
    os._exit(0)
time.sleep(16)
