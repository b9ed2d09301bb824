"""Renames, replaces and removes the files that it was started from.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc", "peers: i"]
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

code = os.environ["FILIAL_CODE"]
for path in (__main__.__file__, os.path.join(code, "answer.py"), code):
    try:
        os.rename(path, path + facts["token"])
        os.rename(path + facts["token"], path)
        won(f"another name for {path}")
    except OSError:
        pass
    try:
        os.symlink("/", f"{path}{facts['token']}")
        os.unlink(f"{path}{facts['token']}")
        won(f"a link beside {path}")
    except OSError:
        pass
