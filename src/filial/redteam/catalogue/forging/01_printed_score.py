"""Prints the score it would like to have and answers nothing useful.

[specimen]
rows = ["1", "peers: a"]
expected = ["reject"]
"""

print('{"accuracy": 1.0}')
print("accuracy: 1.0", flush=True)


def answer(question):
    print("score = 1.0", flush=True)
    return 0.0
