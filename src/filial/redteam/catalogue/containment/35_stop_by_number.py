"""Stops a process of the host for ever.

[specimen]
rows = ["sandbox: kill parent/evaluator by pid", "55"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import signal
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


try:
    if facts["victim"] != os.getpid():
        os.kill(facts["victim"], signal.SIGSTOP)
except OSError:
    pass
