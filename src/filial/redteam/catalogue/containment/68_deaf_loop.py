"""Ignores every signal that can be ignored and loops for ever.

[specimen]
rows = ["sandbox: ignores SIGTERM/XCPU, busy loop", "peers: f"]
mode = "append"
expected = ["wall"]
"""

import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    pass
