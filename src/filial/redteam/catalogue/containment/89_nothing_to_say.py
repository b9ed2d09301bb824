"""Ends in good order without an answer.

[specimen]
rows = ["sandbox: exit 0 with no result", "peers: e"]
mode = "append"
expected = ["no_answer"]
"""

import os

os._exit(0)
