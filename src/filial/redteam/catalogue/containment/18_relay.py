"""Hands itself on from child to child, so that whoever kills a process is too late.

[specimen]
rows = ["sandbox: daemon after exit / after timeout", "50"]
mode = "append"
expected = ["reject"]
bare = true
"""

import os
import time

if os.fork() == 0:
    os.setsid()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        time.sleep(0.3)
        if os.fork():
            os._exit(0)
    os._exit(0)
