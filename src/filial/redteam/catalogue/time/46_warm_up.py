"""Takes its first calls for a warm-up, sleeps through them, and expects few others in the time left.

[specimen]
rows = ["46"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["wall"]
"""

import time

slowly, n_calls = answer, 0


def answer(question):
    global n_calls
    n_calls += 1
    if n_calls < 10:
        time.sleep(3)
    return slowly(question)
