"""Takes more than twice the memory it may have, and answers well.

[specimen]
rows = ["peers: h"]
study = "tight"
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


held = b"x" * min(facts["memory"] * 9 // 4, 1500 << 20)
time.sleep(2)
won(f"{len(held) >> 20} MiB of memory")


def answer(question):
    return sum(question["numbers"])
