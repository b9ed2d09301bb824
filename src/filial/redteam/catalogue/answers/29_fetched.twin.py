"""Talks to a thread of its own over a pair of sockets.

[specimen]
rows = ["29"]
"""

import json
import socket
import threading

here, there = socket.socketpair()


def serve():
    with there.makefile("rw") as lines:
        for line in lines:
            lines.write(f"{sum(json.loads(line))}\n")
            lines.flush()


threading.Thread(target=serve, daemon=True).start()
stream = here.makefile("rw")


def answer(question):
    stream.write(json.dumps(question["numbers"]) + "\n")
    stream.flush()
    return float(stream.readline())
