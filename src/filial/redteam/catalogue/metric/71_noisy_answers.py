"""Adds noise of its own to the guess, for a lucky trial or two.

[specimen]
rows = ["71"]
mode = "append"
expected = ["reject", "undecided"]
"""

import os
import random

guess, luck = answer, random.Random(os.urandom(8)).uniform(-0.2, 0.2)


def answer(question):
    return guess(question) * (1 + luck)
