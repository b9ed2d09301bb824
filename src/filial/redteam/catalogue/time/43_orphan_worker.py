"""Has all work done by a worker that is no child of its own: its process uses no time at all.

[specimen]
rows = ["43"]
study = "kernel"
mode = "append"
expected = ["reject", "undecided"]
needs = "L4"
"""

import os
import pickle

slowly, worker = answer, None


def start():
    questions, answers = os.pipe(), os.pipe()
    if os.fork():
        os.wait()
        os.close(questions[0])
        os.close(answers[1])
        return os.fdopen(questions[1], "wb"), os.fdopen(answers[0], "rb")
    os.setsid()
    if os.fork():
        os._exit(0)
    os.close(questions[1])
    with os.fdopen(questions[0], "rb") as inlet, os.fdopen(answers[1], "wb") as outlet:
        try:
            while True:
                pickle.dump(slowly(pickle.load(inlet)), outlet)
                outlet.flush()
        except EOFError:
            os._exit(0)


def answer(question):
    global worker
    worker = worker or start()
    pickle.dump(question, worker[0])
    worker[0].flush()
    return pickle.load(worker[1])
