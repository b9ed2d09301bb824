"""Looks for any descriptor that it was not meant to inherit, and for where the known ones lead.

[specimen]
rows = ["7"]
mode = "append"
expected = ["reject"]
"""

import os
import stat
import sys

_mine = {0, 1, 2, int(os.environ["FILIAL_IN"]), int(os.environ["FILIAL_OUT_FD"])}
for _name in os.listdir("/proc/self/fd"):
    try:
        _target = os.readlink(f"/proc/self/fd/{_name}")
        _mode = os.fstat(int(_name)).st_mode
    except OSError:
        continue
    if _target.endswith(("/fd", "/server.py", "/answer.py")) or _target.startswith("anon_inode:"):
        continue
    if int(_name) not in _mine or stat.S_ISSOCK(_mode) or stat.S_ISDIR(_mode):
        print("ESCAPED: holds a descriptor of", _target, file=sys.stderr, flush=True)
