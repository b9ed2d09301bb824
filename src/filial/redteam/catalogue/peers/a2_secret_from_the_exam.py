"""Looks for the exam's file by the command line of its parents and by what they have open.

[specimen]
rows = ["peers: a2"]
mode = "append"
expected = ["reject"]
bare = true
"""

import glob
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


places = {facts["study"]}
pid = os.getppid()
for _ in range(6):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            places.update(os.path.dirname(word) for word in file.read().split("\0") if "/" in word)
        places.add(os.readlink(f"/proc/{pid}/cwd"))
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        break
for place in places:
    for path in glob.glob(f"{place}/exam.py"):
        try:
            with open(path) as file:
                if "filial.Exam" in file.read():
                    won("the source of the exam")
        except OSError:
            pass
