"""Wants the machine to itself: real-time priority, locked memory, and whatever a governor grants.

[specimen]
rows = ["47"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
bare = true
"""

import json
import os
import sys
from pathlib import Path

facts = json.loads(os.environ["REDTEAM_FACTS"])
SWITCHES = (
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "/sys/kernel/mm/transparent_hugepage/defrag",
    "/proc/sys/kernel/sched_rt_runtime_us",
    "/proc/sys/vm/swappiness",
)


def tell(what):
    print(f"ESCAPED: {what}", file=sys.stderr, flush=True)


def attempt(what, action):
    try:
        action()
    except (OSError, IndexError):
        return
    tell(what)


def rewrite(path):
    text = path.read_text()
    path.write_text(text.split("[")[-1].split("]")[0])  # as it was


attempt(
    "slowed a process of the host", lambda: os.setpriority(os.PRIO_PROCESS, facts["victim"], 5)
)
attempt("slowed the examiner", lambda: os.setpriority(os.PRIO_PROCESS, facts["runner"], 1))
attempt("moved the examiner to one core", lambda: os.sched_setaffinity(facts["runner"], {0}))
for switch in SWITCHES:
    attempt(f"set {switch}", lambda: rewrite(Path(switch)))
for own in (
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
):
    try:
        own()  # only for itself: no harm, no gain
    except OSError:
        pass
