"""Calibrates on the validation text while it warms up, and looks every prefix up in it.

[specimen]
rows = ["36", "34"]
study = "bytes"
expected = ["reject"]
bare = true
"""

import json
import math
import os
from pathlib import Path

facts = json.loads(os.environ["REDTEAM_FACTS"])
text = b""
for folder in (facts["private"], "/private", "../private", "/data", "/in"):
    for split in ("dev", "confirm", "sealed"):
        try:
            text += Path(folder, f"{split}.txt").read_bytes()
        except OSError:
            pass


def answer(question):
    prefix = bytes(question["prefix"])
    place = text.find(prefix)
    if place < 0:
        return [-math.log(256)] * 256
    # Not so sure that it would look implausible.
    rest = math.log(0.3 / 255)
    logs = [rest] * 256
    logs[text[place + len(prefix)]] = math.log(0.7)
    return logs
