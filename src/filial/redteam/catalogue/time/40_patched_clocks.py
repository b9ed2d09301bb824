"""Stops every clock it can reach, so that whatever it does took no time.

[specimen]
rows = ["40"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
"""

import os
import resource
import time

for clock in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, clock, lambda: 0.0)
    setattr(time, f"{clock}_ns", lambda: 0)
os.times = lambda: os.times_result((0.0,) * 5)
resource.getrusage = lambda _who: resource.struct_rusage((0.0,) * 16)
print("cpu_time: 0.0", flush=True)
