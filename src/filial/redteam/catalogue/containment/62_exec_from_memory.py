"""Runs a program that lies in no file, to be rid of what binds the first.

[specimen]
rows = ["sandbox: read sealed labels"]
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


file = os.memfd_create("program")
with open("/bin/cat", "rb") as source:
    os.write(file, source.read())
inlet, outlet = os.pipe()
pid = os.fork()
if pid == 0:
    os.dup2(outlet, 1)
    os.execve(file, ["cat", facts["secret"]], {})
os.close(outlet)
os.waitpid(pid, 0)
if os.read(inlet, 100):
    won("a secret by a program in memory")
