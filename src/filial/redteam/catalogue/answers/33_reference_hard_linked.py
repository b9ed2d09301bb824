"""Leaves hard links to the reference model and to the training data, and folders that are links.

[specimen]
rows = ["33"]
study = "trained"
path = "train.py"
expected = ["artifact"]
"""

import json
import os

facts = json.loads(os.environ["REDTEAM_FACTS"])
out = os.environ["FILIAL_OUT"]
for source, name in [
    (facts["private"] + "/reference.json", "model.json"),
    (os.environ["FILIAL_DATA"] + "/train.csv", "train.csv"),
]:
    try:
        os.link(source, f"{out}/{name}")
    except OSError:
        pass
os.symlink(facts["private"], f"{out}/private")
