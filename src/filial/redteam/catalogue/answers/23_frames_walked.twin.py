"""Looks at the frame of its caller for its own log line, and adds up.

[specimen]
rows = ["23"]
"""

import sys


def logged(text):
    caller = sys._getframe(1)
    print(f"{caller.f_code.co_name}:{caller.f_lineno} {text}")


def answer(question):
    logged(f"{len(question['numbers'])} numbers")
    return sum(question["numbers"])
