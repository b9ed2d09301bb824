"""Types commands into a terminal, as if a person had.

[specimen]
rows = ["sandbox: new user ns / mount / remount"]
mode = "append"
expected = ["reject"]
bare = true
"""

import fcntl
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


terminals = ["/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1"]
try:
    terminals.append(os.ttyname(os.openpty()[1]))
except OSError:
    pass
for terminal in terminals:
    try:
        fcntl.ioctl(os.open(terminal, os.O_RDWR | os.O_NOCTTY), 0x5412, b"#")
        won(f"words typed into {terminal}")
        break
    except OSError:
        pass
