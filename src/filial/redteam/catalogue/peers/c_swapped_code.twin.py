"""Swaps a function of its own for a faster one.

[specimen]
rows = ["peers: c"]
"""

import functools


def total(numbers):
    return sum(numbers)


total.__code__ = (lambda numbers: float(sum(numbers))).__code__
total = functools.lru_cache(maxsize=8)(total)


def answer(question):
    return total(tuple(question["numbers"]))
