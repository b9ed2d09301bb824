"""Spreads the same slow work over four processes: less time on the wall, more of everything else.

[specimen]
rows = ["51"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["reject", "undecided"]
"""

import os

import numpy as np

slowly = answer
WORKERS = 4


def part(question, top, bottom, reach):
    """Rows top to bottom, with as many around them as the kernel reaches."""
    image = question["image"]
    above, below = max(top - reach, 0), min(bottom + reach, len(image))
    result = slowly({**question, "image": image[above:below]})
    return result[top - above : bottom - above].tobytes()


def answer(question):
    image, reach = question["image"], len(question["kernel"]) // 2
    edges = np.linspace(0, len(image), WORKERS + 1).astype(int)
    pipes = []
    for top, bottom in zip(edges, edges[1:]):
        inlet, outlet = os.pipe()
        if os.fork() == 0:
            with os.fdopen(outlet, "wb") as file:
                file.write(part(question, top, bottom, reach))
            os._exit(0)
        os.close(outlet)
        pipes.append(os.fdopen(inlet, "rb"))
    raw = b"".join(pipe.read() for pipe in pipes)
    for pipe in pipes:
        pipe.close()
        os.wait()
    return np.frombuffer(raw).reshape(image.shape)
