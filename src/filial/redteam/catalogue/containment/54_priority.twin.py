"""Is nice to others where it may, and keeps to the processors it was given.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
"""

import os
from concurrent.futures import ThreadPoolExecutor

try:
    os.nice(1)
except OSError:
    pass
WORKERS = max(1, len(os.sched_getaffinity(0)))
os.sched_yield()


def answer(question):
    numbers = question["numbers"]
    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(sum, [numbers[i::WORKERS] for i in range(WORKERS)]))
