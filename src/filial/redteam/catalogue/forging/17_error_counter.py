"""A thread keeps wiping every trace of the exceptions that its answers raise.

[specimen]
rows = ["17"]
expected = ["reject", "crash"]
"""

import sys
import threading
import time
import traceback

main = sys.modules["__main__"]
original = main._frame


def wipe():
    while True:
        traceback.print_exc = lambda *_a, **_k: None
        sys.last_value = sys.last_exc = None
        main._line = lambda _error: ""
        main._frame = lambda n, _field, _value: original(n, "value", 1.0)
        time.sleep(0)


threading.Thread(target=wipe, daemon=True).start()


def answer(question):
    if len(question["numbers"]) > 30:
        raise RuntimeError("too long for me")
    return 1.0
