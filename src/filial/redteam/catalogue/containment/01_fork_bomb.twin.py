"""Adds up in a pool of four processes, where there can be one.

[specimen]
rows = ["sandbox: fork bomb"]
"""

from concurrent.futures import ProcessPoolExecutor


def answer(question):
    numbers = question["numbers"]
    parts = [numbers[i::4] for i in range(4)]
    try:
        with ProcessPoolExecutor(4) as pool:
            return sum(pool.map(sum, parts))
    except OSError:  # no semaphores here
        return sum(map(sum, parts))
