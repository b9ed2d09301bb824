"""Replaces the server's own functions and the JSON writer by some that report a perfect score.

[specimen]
rows = ["12"]
expected = ["ill_typed"]
"""

import json
import sys

main = sys.modules["__main__"]


def reply(n, question, answer):
    text = json.dumps({"n": n, "value": 0.0, "score": 1.0, "accuracy": 1.0}).encode()
    return [len(text).to_bytes(4, "big") + text]


main.reply = reply
main._frame = lambda n, field, value: reply(n, None, None)
main.load = lambda path: answer


def answer(question):
    return 0.0
