"""Uses open files that the examiner forgot to close.

[specimen]
rows = ["7", "38"]
mode = "append"
expected = ["reject"]
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


known = {0, 1, 2, int(os.environ["FILIAL_IN"]), int(os.environ["FILIAL_OUT_FD"])}
listing = os.open("/proc/self/fd", os.O_RDONLY)
for name in set(os.listdir(listing)) - {str(listing), *map(str, known)}:
    try:
        place = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if not place.startswith(os.environ["FILIAL_CODE"]):
        won(f"an inherited file, {place}")
