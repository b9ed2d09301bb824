"""Leaves the dead unburied, to use up the numbers of processes.

[specimen]
rows = ["sandbox: fork bomb"]
study = "tight"
mode = "append"
expected = ["processes"]
bare = true
"""

import json
import os
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


n = 0
while n < 280:
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        break
    n += 1
time.sleep(1)
if n > 200:
    won(f"{n} zombies")
