"""Adds as much to every log-probability as a tolerant check of the sum lets pass.

[specimen]
rows = ["58"]
study = "bytes"
mode = "append"
expected = ["reject"]
"""

honest = answer


def answer(question):
    return [value + 0.99e-4 for value in honest(question)]
