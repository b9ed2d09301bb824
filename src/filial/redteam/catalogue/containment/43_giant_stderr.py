"""Complains for ever, from a child that outlives its parent.

[specimen]
rows = ["sandbox: giant stdout 2 GiB", "56"]
mode = "append"
expected = ["output"]
"""

import os
import sys
import time

if os.fork():
    time.sleep(10)
os.setsid()
for _ in range(1 << 15):
    os.write(2, b"x" * 65536)
sys.exit()
