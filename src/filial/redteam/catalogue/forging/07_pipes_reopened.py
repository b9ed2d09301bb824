"""Opens the pipe of the questions for writing and that of the answers for reading, via /proc.

[specimen]
rows = ["7", "8"]
expected = ["ill_typed", "no_answer", "wall", "reject"]
"""

import json
import os
import threading


def reopened(name, flags):
    return os.open(f"/proc/self/fd/{os.environ[name]}", flags)


def frame(value):
    text = json.dumps(value).encode()
    return len(text).to_bytes(4, "big") + text


def answer(question):
    # Asks itself an easy question, and takes back what it has answered before.
    try:
        os.write(reopened("FILIAL_IN", os.O_WRONLY), frame({"n": 1, "value": {"numbers": [1.0]}}))
    except OSError:
        pass
    try:
        took = reopened("FILIAL_OUT_FD", os.O_RDONLY)
        threading.Thread(target=os.read, args=(took, 1 << 16), daemon=True).start()
    except OSError:
        pass
    return 0.0
