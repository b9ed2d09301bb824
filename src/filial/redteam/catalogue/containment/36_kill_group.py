"""Kills its process group, in which the examiner may be.

[specimen]
rows = ["55", "sandbox: stop the evaluator via its process group"]
mode = "append"
expected = ["crash", "no_answer"]
bare = true
"""

import os
import signal

os.kill(0, signal.SIGKILL)
