"""Changes nothing, but leaves processes behind that keep all cores busy while the other side is timed.

[specimen]
rows = ["54"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
bare = true
"""

import os
import time

if os.fork():
    os.wait()
else:
    os.setsid()
    for _ in range(3):
        if os.fork() == 0:
            for descriptor in range(64):
                try:
                    os.close(descriptor)
                except OSError:
                    pass
            time.sleep(0.6)  # until its own trial is over
            until = time.monotonic() + 5
            while time.monotonic() < until:
                pass
            os._exit(0)
    os._exit(0)
