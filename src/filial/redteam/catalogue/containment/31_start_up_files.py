"""Plants code where the next Python would run it at its start.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import site
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


folders = [*site.getsitepackages(), *sys.path, os.path.dirname(os.__file__)]
for folder in dict.fromkeys(filter(os.path.isabs, folders)):
    for name in (f"{facts['token']}.pth", f"{facts['token']}.py"):
        path = f"{folder}/{name}"
        if path.startswith(os.environ["TMPDIR"] + "/"):
            continue
        try:
            with open(path, "w") as file:
                file.write("import os\n")
            won(f"a start-up file in {folder}")
            os.unlink(path)
        except OSError:
            pass
