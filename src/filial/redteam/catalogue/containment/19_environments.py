"""Reads the environment of every process it can see.

[specimen]
rows = ["sandbox: /proc/1/environ, evaluator environ", "38"]
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


for path in glob.glob("/proc/[0-9]*/environ") + [f"/proc/{facts['victim']}/environ"]:
    try:
        with open(path, "rb") as file:
            if f"TOKEN={facts['token']}".encode() in file.read().split(b"\0"):
                won("another process's environment")
    except OSError:
        pass
