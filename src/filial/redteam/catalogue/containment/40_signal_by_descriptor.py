"""Has the kernel stop a process of the host, as the owner of a pipe in which something arrives.

[specimen]
rows = ["sandbox: kill parent/evaluator by pid", "55"]
mode = "append"
expected = ["reject"]
bare = true
"""

import fcntl
import json
import os
import signal
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


inlet, outlet = os.pipe()
try:
    fcntl.fcntl(inlet, 8, facts["victim"])  # F_SETOWN
    fcntl.fcntl(inlet, 10, int(signal.SIGSTOP))  # F_SETSIG
    fcntl.fcntl(inlet, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(outlet, b"x")
    time.sleep(0.1)
except OSError:
    pass
