"""Prints for ever.

[specimen]
rows = ["sandbox: giant stdout 2 GiB", "56"]
mode = "append"
expected = ["output"]
"""

import os

for _ in range(1 << 15):
    os.write(1, b"ESCAPES are elsewhere\n" * 3000)
