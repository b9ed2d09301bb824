"""Lowers its own limits, to be safe.

[specimen]
rows = ["49", "sandbox: benign control"]
"""

import resource

for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
    soft, most = resource.getrlimit(kind)
    if soft > 64:
        resource.setrlimit(kind, (soft // 2, most))


def answer(question):
    return sum(question["numbers"])
