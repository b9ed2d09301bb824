"""Has the kernel kill others before it when memory ends.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio", "sandbox: memory 4 GiB, one process"]
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


for pid, value in (("self", "-500"), (facts["victim"], "900")):
    try:
        with open(f"/proc/{pid}/oom_score_adj", "w") as file:
            file.write(value)
        won("a better place than others when memory ends")
    except OSError:
        pass
