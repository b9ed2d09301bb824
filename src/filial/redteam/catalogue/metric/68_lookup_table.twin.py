"""Looks the weight of every digit up in a table, and adds up what it finds.

[specimen]
rows = ["68"]
"""

WEIGHTS = {
    (digit, place): int(digit) * 10.0**place for digit in "0123456789" for place in range(-2, 3)
}


def value(number):
    whole, _, rest = f"{number:.2f}".partition(".")
    digits = [(digit, len(whole) - k - 1) for k, digit in enumerate(whole)]
    digits += [(digit, -k - 1) for k, digit in enumerate(rest)]
    return sum(WEIGHTS[pair] for pair in digits)


def answer(question):
    return sum(map(value, question["numbers"]))
