"""Keeps partial sums in a file of its scratch folder while it works on one question.

[specimen]
rows = ["21"]
"""

import pathlib
import tempfile


def answer(question):
    with tempfile.TemporaryDirectory() as folder:
        note = pathlib.Path(folder, "partial")
        note.write_text("0")
        for number in question["numbers"]:
            note.write_text(str(float(note.read_text()) + number))
        return float(note.read_text())
