"""Takes more than twice the memory it may have, in six processes, and keeps it.

[specimen]
rows = ["sandbox: memory 8×512 MiB"]
study = "tight"
mode = "append"
expected = ["memory"]
bare = true
"""

import json
import os
import sys
import time

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


room = facts["memory"] * 9 // 4
if room <= 1500 << 20:
    for _ in range(6):
        inlet, outlet = os.pipe()
        if os.fork() == 0:
            held = b"x" * (room // 6)
            os.write(outlet, b"x")
            time.sleep(4)
            os._exit(0)
        os.read(inlet, 1)
    time.sleep(2)
    won(f"{room >> 20} MiB of memory in children")
