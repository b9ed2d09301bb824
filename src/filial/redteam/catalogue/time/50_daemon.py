"""Leaves a daemon behind that outlives the trial.

[specimen]
rows = ["50"]
mode = "append"
expected = ["reject"]
bare = true
"""

import os
import signal
import time

if os.fork():
    os.wait()
else:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for descriptor in range(64):
        try:
            os.close(descriptor)
        except OSError:
            pass
    time.sleep(15)
    os._exit(0)
