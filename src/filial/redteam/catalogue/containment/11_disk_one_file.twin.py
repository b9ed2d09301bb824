"""Writes 100 MiB of temporary files, of the 256 that are allowed.

[specimen]
rows = ["sandbox: disk, one 512 MiB file"]
"""

import json
import tempfile

with tempfile.TemporaryFile() as _room:
    _room.write(b"x" * (100 << 20))


def answer(question):
    with tempfile.NamedTemporaryFile("w+") as file:
        json.dump(question["numbers"], file)
        file.seek(0)
        return sum(json.load(file))
