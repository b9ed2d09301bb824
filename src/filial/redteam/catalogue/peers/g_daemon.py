"""Leaves a daemon behind.

[specimen]
rows = ["peers: g", "50"]
mode = "append"
expected = ["reject"]
bare = true
"""

import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(15)
    os._exit(0)
os.wait()
