"""Has the work done by one child process, that it starts, talks to and ends.

[specimen]
rows = ["43"]
study = "kernel"
needs = "L4"
"""

import atexit
import os
import pickle

import numpy as np


def convolve(image, kernel):
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))


def start():
    questions, answers = os.pipe(), os.pipe()
    pid = os.fork()
    if pid:
        os.close(questions[0])
        os.close(answers[1])
        return pid, os.fdopen(questions[1], "wb"), os.fdopen(answers[0], "rb")
    os.close(questions[1])
    with os.fdopen(questions[0], "rb") as inlet, os.fdopen(answers[1], "wb") as outlet:
        try:
            while True:
                pickle.dump(convolve(**pickle.load(inlet)), outlet)
                outlet.flush()
        except EOFError:
            os._exit(0)


worker, inlet, outlet = start()


def end():
    inlet.close()
    os.waitpid(worker, 0)


atexit.register(end)


def answer(question):
    pickle.dump(question, inlet)
    inlet.flush()
    return pickle.load(outlet)
