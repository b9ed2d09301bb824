"""Writes, renames and removes files in its scratch folder.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
"""

import json
import os
import shutil
import tempfile


def answer(question):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "numbers.json")
    with open(path + ".new", "w") as file:
        json.dump(question["numbers"], file)
    os.replace(path + ".new", path)
    with open(path) as file:
        total = sum(json.load(file))
    shutil.rmtree(folder)
    return total
