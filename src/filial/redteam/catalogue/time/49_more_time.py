"""Gives itself more time: edits the limits of the study, relaunches itself, and then just goes on.

[specimen]
rows = ["49"]
mode = "append"
expected = ["wall", "cpu"]
bare = true
"""

import json
import os
import sys
import time
from pathlib import Path

facts = json.loads(os.environ["REDTEAM_FACTS"])


def answer(question):
    settings = Path(facts["study"], "study.toml")
    try:
        settings.write_text(settings.read_text().replace('"12s"', '"12h"'))
        print("ESCAPED: more time than the study grants", file=sys.stderr, flush=True)
    except OSError:
        pass
    if os.fork() == 0:
        os.setsid()
        time.sleep(15)
        os._exit(0)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        time.sleep(0.1)
    return sum(question["numbers"])
