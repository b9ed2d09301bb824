"""Kills its whole process group, and everything else that it may signal, but itself.

[specimen]
rows = ["55"]
mode = "append"
expected = ["reject", "crash", "no_answer"]
bare = true
"""

import json
import os
import signal

facts = json.loads(os.environ["REDTEAM_FACTS"])
signal.signal(signal.SIGINT, signal.SIG_IGN)
for target in (facts["victim"], facts["runner"], -facts["group"]):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
os.killpg(0, signal.SIGINT)
