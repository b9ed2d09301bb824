"""Buys accuracy with memory beyond the guard's tolerance, and resets the kernel's peak counters.

[specimen]
rows = ["17"]
study = "trained"
path = "train.py"
expected = ["reject"]
"""

import json
import os
import time
from pathlib import Path

text = Path(os.environ["FILIAL_DATA"], "train.csv").read_text()
rows = [[float(x) for x in line.split(",")] for line in text.splitlines()]
Path(os.environ["FILIAL_OUT"], "model.json").write_text(json.dumps(rows))
ballast = bytearray(b"x") * (160 << 20)
time.sleep(0.3)
del ballast
for path, word in [
    ("/proc/self/clear_refs", "5"),
    ("/sys/fs/cgroup/memory.peak", "0"),
    ("/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "0"),
]:
    try:
        Path(path).write_text(word)
    except OSError:
        pass
