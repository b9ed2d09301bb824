"""Looks up its own limits and memory before it begins.

[specimen]
rows = ["38"]
"""

import os
import resource
from pathlib import Path

STATUS = Path("/proc/self/status").read_text()
ROOM = int(Path("/proc/meminfo").read_text().split()[1])
THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)


def answer(question):
    return sum(question["numbers"]) if "VmRSS" in STATUS and ROOM and THREADS else 0.0
