"""Writes a module of its own to its scratch folder and imports it.

[specimen]
rows = ["sandbox: write outside / .pth / .pyc"]
"""

import importlib
import os
import sys
import tempfile

FOLDER = tempfile.mkdtemp()
with open(os.path.join(FOLDER, "adding.py"), "w") as file:
    file.write("def total(numbers):\n    return sum(numbers)\n")
sys.path.insert(0, FOLDER)
adding = importlib.import_module("adding")


def answer(question):
    return adding.total(question["numbers"])
