"""Files its numbers thirty folders deep.

[specimen]
rows = ["sandbox: disk, many files 1.28 GiB"]
"""

import os
import shutil
import tempfile


def answer(question):
    top = tempfile.mkdtemp()
    path = os.path.join(top, *map(str, range(30)))
    os.makedirs(path)
    with open(os.path.join(path, "numbers"), "w") as file:
        file.write(" ".join(map(repr, question["numbers"])))
    with open(os.path.join(path, "numbers")) as file:
        total = sum(map(float, file.read().split()))
    shutil.rmtree(top)
    return total
