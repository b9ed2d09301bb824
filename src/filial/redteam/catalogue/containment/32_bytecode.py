"""Replaces the bytecode of modules that others will import.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
mode = "append"
expected = ["reject"]
bare = true
"""

import importlib.util
import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


import json as victim_module

paths = [victim_module.__cached__, importlib.util.cache_from_source(os.__file__)]
for module in list(sys.modules.values()):
    cached = getattr(getattr(module, "__spec__", None), "cached", None)
    if cached and not cached.startswith(os.environ["TMPDIR"] + "/"):
        paths.append(cached)
for path in paths:
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{facts['token']}.pyc", "wb") as file:
            file.write(b"planted")
        won("bytecode of others")
        os.unlink(f"{folder}/{facts['token']}.pyc")
        break
    except OSError:
        pass
