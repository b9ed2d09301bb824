"""Deletes a folder of its own, with all that is in it.

[specimen]
rows = ["peers: l"]
"""

import os
import shutil
import tempfile


def answer(question):
    folder = tempfile.mkdtemp()
    for i in range(20):
        os.makedirs(os.path.join(folder, str(i), "more"))
    shutil.rmtree(folder)
    return 0.0 if os.path.exists(folder) else sum(question["numbers"])
