"""Claims an idea that always fails, and falls back to what was there before.

[specimen]
rows = ["72"]
mode = "append"
expected = ["reject"]
"""

before = answer


class Answer:
    def __call__(self, question):
        return before(question)


class Better(Answer):
    pass


def answer(question):
    try:
        return spectral_sum(question)
    except Exception:
        return Better()(question)
