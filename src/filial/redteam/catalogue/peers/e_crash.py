"""Crashes the interpreter.

[specimen]
rows = ["peers: e"]
expected = ["crash"]
"""

import ctypes


def answer(question):
    ctypes.string_at(0)
