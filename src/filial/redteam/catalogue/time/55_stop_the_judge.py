"""Stops the examiner, by its number and through the process group, so that no time passes for it.

[specimen]
rows = ["55"]
mode = "append"
expected = ["wall", "reject"]
bare = true
"""

import json
import os
import signal
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for target in (facts["runner"], facts["victim"], -facts["group"], os.getppid()):
    try:
        if target not in (0, 1, -1):
            os.kill(target, signal.SIGSTOP)
            if target > 0:
                print("ESCAPED: stopped a process of the host", file=sys.stderr, flush=True)
    except OSError:
        pass
os.killpg(0, signal.SIGSTOP)
