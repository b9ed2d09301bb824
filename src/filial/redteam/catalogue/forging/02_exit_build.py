"""Ends its training at once with exit code 0, and has a model of no kind to show.

[specimen]
rows = ["2", "18"]
study = "trained"
path = "train.py"
expected = ["artifact"]
"""

import sys

print("training finished, accuracy 1.0")
sys.exit(0)
