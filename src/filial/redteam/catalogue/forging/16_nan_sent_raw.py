"""Writes NaN and infinity into the frame by hand, past the server's own check.

[specimen]
rows = ["16", "peers: d"]
expected = ["ill_typed"]
"""

import os


def answer(question):
    text = b'{"n":0,"value":NaN}'
    os.write(int(os.environ["FILIAL_OUT_FD"]), len(text).to_bytes(4, "big") + text)
    os._exit(0)
