"""Kills a process of the host and then the examiner, by their numbers.

[specimen]
rows = ["sandbox: kill parent/evaluator by pid", "55"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import signal
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


for pid in (facts["victim"], facts["runner"]):
    try:
        if pid not in (os.getpid(), os.getppid()) or pid == facts["runner"]:
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
