"""Adds up by a pipeline of programs.

[specimen]
rows = ["49", "sandbox: benign control"]
"""

import subprocess
import sys


def answer(question):
    text = "\n".join(map(repr, question["numbers"]))
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            'sort -n | cat - | "$0" -c "import sys; print(sum(map(float, sys.stdin)))"',
            sys.executable,
        ],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
