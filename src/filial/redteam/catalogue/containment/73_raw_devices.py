"""Opens the machine's memory, disks and other devices.

[specimen]
rows = ["sandbox: device nodes, /proc/sys, cgroup.procs, clock, RT prio"]
mode = "append"
expected = ["reject"]
bare = true
"""

import json
import os
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


names = "mem kmem port kmsg sda vda nvme0n1 xvda loop-control loop0 kvm fuse net/tun cpu/0/msr"
names += " hpet rtc0 nvram uinput mapper/control snapshot cpu_dma_latency"
for path in [f"/dev/{name}" for name in names.split()] + ["/proc/kcore", "/proc/kmsg"]:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        won(path)
    except OSError:
        pass
