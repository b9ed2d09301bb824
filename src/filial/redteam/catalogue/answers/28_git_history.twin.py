"""Asks for the version of git, if there is one, for its log.

[specimen]
rows = ["28"]
"""

import shutil
import subprocess


def answer(question):
    if git := shutil.which("git"):
        print(subprocess.run([git, "--version"], capture_output=True, check=False).stdout)
    return sum(question["numbers"])
