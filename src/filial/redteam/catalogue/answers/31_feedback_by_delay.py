"""Tunes its answers during the exam by how long the next question takes to come.

[specimen]
rows = ["31"]
expected = ["reject"]
"""

import time

delays = {}
factors = (1.0, 10.0, 20.0, 30.0, 40.0)
tried = []
answered_s = 0.0


def answer(question):
    global answered_s
    if tried:
        delays.setdefault(tried[-1], []).append(time.perf_counter() - answered_s)
    unknown = [factor for factor in factors if factor not in delays]
    chosen = unknown[0] if unknown else min(delays, key=lambda f: sum(delays[f]) / len(delays[f]))
    tried.append(chosen)
    answered_s = time.perf_counter()
    return question["numbers"][0] * chosen
