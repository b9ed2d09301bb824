"""Uses 250 MiB of the 512 that are allowed.

[specimen]
rows = ["sandbox: memory 4 GiB, one process"]
"""

TABLE = bytearray(b"x") * (250 << 20)


def answer(question):
    return sum(question["numbers"]) if TABLE else 0.0
