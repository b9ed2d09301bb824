"""Starts a second Python without any environment and lets it steal.

[specimen]
rows = ["sandbox: read sealed labels", "49"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import subprocess
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


PROGRAM = """
import sys
for path in sys.argv[1:]:
    try: sys.stdout.write(open(path, errors="replace").read(10))
    except OSError: pass
"""
stolen = subprocess.run(
    [
        sys.executable,
        "-I",
        "-S",
        "-c",
        PROGRAM,
        facts["secret"],
        facts["study_secret"],
        facts["ledger"],
    ],
    env={},
    cwd="/",
    capture_output=True,
)
if stolen.stdout:
    won("secrets by another Python")
