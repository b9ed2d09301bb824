"""Keeps its numbers in a database in memory.

[specimen]
rows = ["sandbox: benign control"]
"""

import sqlite3

db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE numbers (x REAL)")


def answer(question):
    db.execute("DELETE FROM numbers")
    db.executemany("INSERT INTO numbers VALUES (?)", [(x,) for x in question["numbers"]])
    return db.execute("SELECT sum(x) FROM numbers").fetchone()[0]
