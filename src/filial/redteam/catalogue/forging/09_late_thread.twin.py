"""Adds in threads and lets an exit handler print how often it was asked.

[specimen]
rows = ["9"]
"""

import atexit
import threading

asked = []
atexit.register(lambda: print("asked", len(asked), "times", flush=True))


def answer(question):
    parts = []
    numbers = question["numbers"]
    threads = [
        threading.Thread(target=lambda part=numbers[k::2]: parts.append(sum(part)))
        for k in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked.append(len(numbers))
    return sum(parts)
