"""Looks for keys in its own environment.

[specimen]
rows = ["sandbox: own env holds API key", "38"]
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


for name, value in os.environ.items():
    if name != "REDTEAM_FACTS" and facts["token"] in value:
        won("an inherited key")
