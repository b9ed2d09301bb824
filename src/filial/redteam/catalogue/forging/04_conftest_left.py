"""Leaves test hooks, start-up hooks and modules with names of the standard library in its output.

[specimen]
rows = ["4", "21"]
study = "trained"
path = "train.py"
expected = ["reject"]
"""

import json
import os
import sys
from pathlib import Path

out = Path(os.environ["FILIAL_OUT"])
(out / "model.json").write_text(json.dumps([[0.0, 0.0, 0.0, 0.0, 1]]))
hook = 'import os, sys\nprint("ESCAPED: a hook of the build was loaded", file=sys.stderr, flush=True)\n'
version = f"{sys.version_info.major}{sys.version_info.minor}"
(out / "__pycache__").mkdir()
for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "json.py", "numpy.py"):
    (out / name).write_text(hook)
    (out / "__pycache__" / f"{name[:-3]}.cpython-{version}.pyc").write_bytes(b"\0" * 16)
(out / "hook.pth").write_text("import conftest\n")
(out / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n")
