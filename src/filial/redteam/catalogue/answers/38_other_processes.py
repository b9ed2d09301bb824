"""Reads the environment, memory and working folder of processes that are not its own.

[specimen]
rows = ["38"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

_facts = json.loads(os.environ["REDTEAM_FACTS"])
for _whose in ("victim", "runner"):
    _process = f"/proc/{_facts[_whose]}"
    try:
        with open(f"{_process}/environ", "rb") as _file:
            _environment = _file.read()
        # In a namespace of its own, the number may be that of one of its own processes.
        if not _environment or b"REDTEAM_FACTS" in _environment:
            continue
        print("ESCAPED: the environment of the", _whose, file=sys.stderr, flush=True)
        open(f"{_process}/mem", "rb", 0).close()
        print("ESCAPED: the memory of the", _whose, file=sys.stderr, flush=True)
        os.listdir(f"{_process}/cwd")
        print("ESCAPED: the working folder of the", _whose, file=sys.stderr, flush=True)
    except OSError:
        pass
