"""Stops its process group, in which the examiner may be.

[specimen]
rows = ["55", "sandbox: stop the evaluator via its process group"]
mode = "append"
expected = ["wall"]
bare = true
"""

import os
import signal

os.kill(0, signal.SIGSTOP)
