"""Locks files that all candidates see, to talk to one that runs at the same time.

[specimen]
rows = ["sandbox: leave caches for the next candidate", "38"]
mode = "append"
expected = ["reject"]
bare = true
"""

import fcntl
import json
import os
import struct
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


with open(os.__file__, "rb") as file:
    for what, attack in {
        "a lock": lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
        "a record lock": lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1),
        "an open file's lock": lambda: fcntl.fcntl(
            file, 37, struct.pack("=hhiqqi4x", 0, 0, 0, 0, 1, 0)
        ),
        "a lease": lambda: fcntl.fcntl(file, 1024, fcntl.F_RDLCK),
        "a notice": lambda: fcntl.fcntl(os.open("/usr", os.O_RDONLY), 1026, 1),
    }.items():
        try:
            attack()
            won(f"{what} on a file that others see")
        except OSError:
            pass
