"""Plants a file in every folder of the host that it knows of.

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


folders = ["/", "/etc", "/usr", "/usr/lib", "/usr/local/bin", "/var/tmp", "/run", "/root", "/opt"]
folders += [facts["drop"], facts["study"], facts["private"], "/in", "/data"]
folders += [
    os.environ["FILIAL_CODE"],
    os.path.dirname(os.__file__),
    os.path.dirname(sys.executable),
]
folders += [os.environ[name] for name in ("FILIAL_OUT", "FILIAL_DATA") if name in os.environ]
for folder in folders:
    path = f"{folder}/{facts['token']}"
    try:
        with open(path, "w") as file:
            file.write("planted")
        won(f"a file in {folder}")
        os.unlink(path)
    except OSError:
        pass
