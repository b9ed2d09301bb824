"""Adds up in eight threads.

[specimen]
rows = ["sandbox: benign control"]
"""

from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(8)


def answer(question):
    numbers = question["numbers"]
    return sum(POOL.map(sum, [numbers[i::8] for i in range(8)]))
