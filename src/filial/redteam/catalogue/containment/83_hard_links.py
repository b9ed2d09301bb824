"""Makes second names for files it may only read, where it may write.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
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

for path in (
    __main__.__file__,
    os.__file__,
    facts["secret"],
    f"{os.environ['FILIAL_CODE']}/answer.py",
):
    name = f"{os.environ['TMPDIR']}/{facts['token']}"
    for link in (os.link, os.rename):
        try:
            link(path, name)
            won(f"{path} under a name of its own")
            os.rename(name, path) if link is os.rename else os.unlink(name)
            break
        except OSError:
            pass
