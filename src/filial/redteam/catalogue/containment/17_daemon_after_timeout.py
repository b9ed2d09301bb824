"""Leaves a process of another session behind and hangs until it is killed.

[specimen]
rows = ["sandbox: daemon after exit / after timeout", "50"]
mode = "append"
expected = ["wall"]
bare = true
"""

import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        time.sleep(18)
    os._exit(0)
time.sleep(17)
