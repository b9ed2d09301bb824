"""Prints without end, for a reader that keeps it all or waits for its end.

[specimen]
rows = ["56"]
mode = "append"
expected = ["output"]
"""

import os
import time

line = b"accuracy: 1.0\n" * 4096
until = time.monotonic() + 15
while time.monotonic() < until:
    os.write(1, line)
    os.write(2, line)
