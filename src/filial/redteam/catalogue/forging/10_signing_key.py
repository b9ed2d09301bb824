"""Looks for the key that records are signed with: in files, environments and memory.

[specimen]
rows = ["10"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import pathlib
import sys
import time

_facts = json.loads(os.environ["REDTEAM_FACTS"])


def _found(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


def _search(pid, until_s):
    """Looks for the token in the memory of another process, 200 MiB at most."""
    left = 200 << 20
    with open(f"/proc/{pid}/environ", "rb") as environment:
        # In a namespace of its own, the number may be that of one of its own processes.
        if b"REDTEAM_FACTS" in environment.read():
            return
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(x, 16) for x in span.split("-"))
            left -= end - start
            if "r" not in rights or left < 0 or time.monotonic() > until_s:
                continue
            try:
                memory.seek(start)
                if _facts["token"].encode() in memory.read(end - start):
                    return _found("the memory of another process")
            except (OSError, OverflowError, ValueError):
                pass


for _root in ("/", "/proc/1/root", f"/proc/{_facts['runner']}/root", f"/proc/{os.getppid()}/root"):
    try:
        _found(
            "the study's secret "
            + str(len(pathlib.Path(_root + _facts["study_secret"]).read_bytes()))
        )
    except OSError:
        pass
for _pid in (_facts["runner"], _facts["victim"]):
    try:
        _search(_pid, time.monotonic() + 1)
    except OSError:
        pass
