"""Ends, having passed its pipes to a process that goes on answering.

[specimen]
rows = ["50", "sandbox: daemon after exit / after timeout"]
mode = "append"
expected = ["no_answer", "crash"]
"""

import array
import os
import socket
import time

ours, theirs = socket.socketpair()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for name in ("FILIAL_IN", "FILIAL_OUT_FD"):
            os.close(int(os.environ[name]))
        _, rights, _, _ = theirs.recvmsg(1, socket.CMSG_SPACE(8))
        inlet, outlet = array.array("i", rights[0][2])
        text = b'{"n":0,"value":0}'
        os.write(outlet, len(text).to_bytes(4, "big") + text)
        while os.read(inlet, 1 << 16):
            pass
    os._exit(0)
ends = array.array("i", [int(os.environ["FILIAL_IN"]), int(os.environ["FILIAL_OUT_FD"])])
ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ends)])
time.sleep(0.1)
os._exit(0)
