"""Forks as often as it can and keeps the children.

[specimen]
rows = ["sandbox: fork bomb", "49"]
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
            time.sleep(15)
            os._exit(0)
    except OSError:
        break
    n += 1
time.sleep(1)
if n > 200:
    won(f"{n} processes")
