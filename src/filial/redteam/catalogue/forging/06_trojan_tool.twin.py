"""Writes a tool of its own to its scratch folder and has it do the adding.

[specimen]
rows = ["6"]
"""

import os
import pathlib
import subprocess

tool = pathlib.Path(os.environ["TMPDIR"], "add")
tool.write_text('#!/bin/sh\ntotal=0\nfor n in "$@"; do total=$((total + n)); done\necho $total\n')


def answer(question):
    cents = [str(round(100 * number)) for number in question["numbers"]]
    done = subprocess.run(["/bin/sh", tool, *cents], capture_output=True, check=True)
    return int(done.stdout) / 100
