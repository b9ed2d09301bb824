# ruff: noqa: F811 - alternatives share the name of what they replace
"""Alternatives for answer.py."""

import statistics


# alternative: looking at every number leaves nothing to guess [expect accuracy +0.3]
def sample(numbers):
    return numbers


# alternative: every other number represents a list better than its beginning
def sample(numbers):
    return numbers[::2]


# alternative: the mean times the length is right on average [expect accuracy +0.5]
def estimate(part, n):
    return n * sum(part) / len(part)


# alternative: the median is moved less by single numbers
def estimate(part, n):
    return n * statistics.median(part)
