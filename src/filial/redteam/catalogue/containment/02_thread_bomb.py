"""Starts threads as often as it can and keeps them.

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
import threading
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


n = 0
while n < 280:
    try:
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
    except RuntimeError:
        break
    n += 1
time.sleep(1)
if n > 200:
    won(f"{n} threads")
