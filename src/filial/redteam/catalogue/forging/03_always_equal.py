"""Answers with an object that is equal to everything, at no distance from anything.

[specimen]
rows = ["3"]
expected = ["ill_typed"]
"""


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __hash__ = None
    __rsub__ = __abs__ = __sub__

    def __float__(self):
        return 0.0


def answer(question):
    return AlwaysEqual()
