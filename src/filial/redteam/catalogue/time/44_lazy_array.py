"""Returns an array at once that is computed when the other side first looks at it.

[specimen]
rows = ["44"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
"""

import numpy as np

slowly = answer


class Lazy(np.ndarray):
    @property
    def dtype(self):
        if self.question is not None:
            question, self.question = self.question, None
            self[...] = slowly(question)
        return np.dtype(float)

    def __array_finalize__(self, _source):
        self.question = None


def answer(question):
    promise = np.empty(question["image"].shape).view(Lazy)
    promise.question = question
    return promise
