"""Opens what it holds for reading once more, for writing.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc", "56"]
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


import __main__

paths = [__main__.__file__, os.__file__, os.path.join(os.environ["FILIAL_CODE"], "answer.py")]
for path in filter(os.path.exists, paths):
    held = os.open(path, os.O_RDONLY)
    for way in (path, f"/proc/self/fd/{held}", f"/dev/fd/{held}", f"/proc/thread-self/fd/{held}"):
        try:
            os.close(os.open(way, os.O_RDWR))
            won(f"{path} open for writing")
            break
        except OSError:
            pass
