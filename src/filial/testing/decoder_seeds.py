"""Valid inputs of every decoder, to start a search for bad ones from."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from filial import kits
from filial.exams.base import Plain

KITS = sorted(Path(kits.__file__).parent.glob("*/study.toml"))
VALUES: tuple[Plain, ...] = (
    None,
    [1, -2.5, True, "é", {"a": [], "b": {"c": None}}],
    {"x": np.arange(6.0).reshape(2, 3), "mask": np.ones(3, bool)},
    [np.zeros((0, 2), np.int8), np.array(7, np.uint16), "text"],
)
DIFF = """diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,3 +1,3 @@
 one
-two
+TWO
 three
@@ -5,2 +5,3 @@
 five
 six
+six and a half
"""
NEW = """diff --git a/new b/new
new file mode 100644
--- /dev/null
+++ b/new
@@ -0,0 +1 @@
+text
\\ No newline at end of file
"""
RENAME = """diff --git a/d/b.py "b/c/\\303\\244.py"
similarity index 90%
rename from d/b.py
rename to "c/\\303\\244.py"
--- a/d/b.py
+++ "b/c/\\303\\244.py"
@@ -6 +6 @@
-y = 2
+y = 3
"""
GONE = """--- a/end\t2020-01-01
+++ /dev/null
@@ -1 +0,0 @@
-no line end
\\ No newline at end of file
"""
LINES: tuple[Mapping[str, object], ...] = (
    {"hypothesis": "h", "files": {"a.py": "x = 2\n", "empty": None}},
    {"hypothesis": "é", "predicted": {"metric": "loss", "effect": -1.5}, "diff": DIFF},
    {"hypothesis": "h", "predicted": None, "diff": NEW + GONE},
)


SETTINGS = """[study]
name = "s"
goal = "g"
seed = 3
[surfaces]
program = ["answer.py"]
loss = ["l*.py", "d/"]
[build]
command = ["python", "train.py"]
cpu_s = 45
wall_s = "2m"
memory = "2GiB"
[exam]
class = "exam.py:E"
primary = "accuracy"
judged = "artifact"
guards = ["size"]
tolerances = { size = 0.5 }
[proposers]
operators = { share = 0.5 }
placebo = { share = 0.5 }
[gate]
fdr = 0.1
min_pairs = 3
[budget]
wall = "8h"
trials = 7
[sandbox]
minimum = "L3"
"""
