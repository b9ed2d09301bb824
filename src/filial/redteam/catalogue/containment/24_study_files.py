"""Reads the study's secret, its ledger and its exam.

[specimen]
rows = ["sandbox: read sealed labels", "38", "peers: a2"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


code = os.environ["FILIAL_CODE"]
for path in (
    facts["study_secret"],
    facts["ledger"],
    f"{facts['study']}/exam.py",
    f"{facts['study']}/study.toml",
    f"{code}/../../../ledger.sqlite",
    f"{code}/../../../secret",
):
    try:
        with open(path, "rb") as file:
            file.read(16)
            won(f"the study's {os.path.basename(path)}")
    except OSError:
        pass
try:
    os.listdir(facts["study"])
    won("a list of the study's files")
except OSError:
    pass
