"""Leaves a process of another session behind when it is asked to end.

[specimen]
rows = ["sandbox: daemon after exit / after timeout", "50", "peers: g"]
mode = "append"
expected = ["reject"]
bare = true
"""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for stream in (0, 1, 2):
            os.close(stream)
        time.sleep(15)
    os._exit(0)
os.wait()
