"""Looks for the memory of the examiner and shared memory to overwrite expected values in (on a CPU).

[specimen]
rows = ["26", "38"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import pathlib
import sys

_facts = json.loads(os.environ["REDTEAM_FACTS"])
_targets = list(pathlib.Path("/dev/shm").glob("*"))
for _pid in (_facts["runner"], _facts["victim"]):
    try:
        _environment = pathlib.Path(f"/proc/{_pid}/environ").read_bytes()
    except OSError:
        continue
    # In a namespace of its own, the number may be that of one of its own processes.
    if _environment and b"REDTEAM_FACTS" not in _environment:
        _targets.append(pathlib.Path(f"/proc/{_pid}/mem"))
for _target in _targets:
    try:
        os.close(os.open(_target, os.O_RDWR))
        print("ESCAPED: could overwrite", _target.name, file=sys.stderr, flush=True)
    except OSError:
        pass
