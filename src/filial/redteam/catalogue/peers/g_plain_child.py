"""Starts an ordinary program, waits for it and is killed meanwhile.

[specimen]
rows = ["peers: g", "50"]
mode = "append"
expected = ["wall"]
bare = true
"""

import subprocess

subprocess.run(["/bin/sleep", "17"])
