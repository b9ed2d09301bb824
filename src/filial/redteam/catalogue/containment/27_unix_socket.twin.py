"""Passes a pipe to its own child through a pair of Unix sockets.

[specimen]
rows = ["sandbox: unix socket by path"]
"""

import array
import os
import socket


def answer(question):
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _, rights, _, _ = theirs.recvmsg(1, socket.CMSG_SPACE(4))
        outlet = array.array("i", rights[0][2])[0]
        os.write(outlet, repr(sum(question["numbers"])).encode())
        os._exit(0)
    inlet, outlet = os.pipe()
    right = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [outlet]))
    ours.sendmsg([b"x"], [right])
    os.waitpid(pid, 0)
    total = float(os.read(inlet, 100))
    for end in (inlet, outlet):
        os.close(end)
    ours.close()
    theirs.close()
    return total
