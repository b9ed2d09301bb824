"""Owes less than the one before it.

[specimen]
rows = ["peers: n"]
study = "debts"
"""


def answer(question):
    numbers = question["numbers"]
    return sum(numbers[:-1]) + 50.0
