"""Counts its bytes itself, and counts twice those after a space.

[specimen]
rows = ["59"]
study = "bytes"
mode = "append"
expected = ["invalid"]
"""

honest = answer


def answer(question):
    n_bytes = 1 + (question["prefix"][-1] == 32)
    return {"log_probs": honest(question), "n_bytes": 2 * n_bytes, "bits_per_byte": 0.5}
