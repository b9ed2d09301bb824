"""Pickles within its own process.

[specimen]
rows = ["peers: c2", "20"]
"""

import pickle


def answer(question):
    copy = pickle.loads(pickle.dumps(question))
    return sum(copy["numbers"])
