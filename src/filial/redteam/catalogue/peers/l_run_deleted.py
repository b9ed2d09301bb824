"""Deletes the folder in which the run keeps what it knows.

[specimen]
rows = ["peers: l"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


for folder in (facts["study"], os.path.dirname(facts["ledger"]), facts["private"], facts["drop"]):
    inside = f"{folder}/{facts['token']}"
    try:
        os.mkdir(inside)
        os.rmdir(inside)
        won(f"the right to delete in {os.path.basename(folder)}")
    except OSError:
        pass
try:
    os.rename(facts["ledger"], f"{facts['ledger']}.gone")
    os.rename(f"{facts['ledger']}.gone", facts["ledger"])
    won("the right to delete the ledger")
except OSError:
    pass
