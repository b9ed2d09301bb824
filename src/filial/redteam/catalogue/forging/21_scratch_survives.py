"""Leaves the numbers it has seen in scratch and shared memory, and uses what it finds there.

[specimen]
rows = ["21"]
expected = ["reject"]
"""

import json
import os
import pathlib
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])
places = [os.environ["TMPDIR"], "/tmp", "/dev/shm", "/var/tmp", os.environ["FILIAL_CODE"]]
notes = [pathlib.Path(place, f"{facts['token']}-notes") for place in places]
for note in notes:
    if note.exists():
        print("ESCAPED: found what an earlier run left", file=sys.stderr, flush=True)


def answer(question):
    for note in notes:
        try:
            note.write_text(str(sum(question["numbers"])))
        except OSError:
            pass
    return 0.0
