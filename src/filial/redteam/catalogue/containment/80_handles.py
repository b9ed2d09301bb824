"""Opens the root of the disk by a handle that it made up.

[specimen]
rows = ["sandbox: read sealed labels"]
mode = "append"
expected = ["reject"]
bare = true
"""

import ctypes
import json
import os
import struct
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


libc = ctypes.CDLL(None, use_errno=True)
mount = ctypes.c_int()
for place in (b"/usr", b"/", sys.executable.encode(), os.environ["FILIAL_CODE"].encode()):
    handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0), 136)
    try:
        anchor = os.open(place, os.O_RDONLY)
    except OSError:
        continue
    if libc.name_to_handle_at(-100, place, handle, ctypes.byref(mount), 0):
        # Number 2 is the root of most file systems.
        handle = ctypes.create_string_buffer(struct.pack("=IiII", 8, 1, 2, 0), 136)
    if libc.open_by_handle_at(anchor, handle, os.O_RDONLY) >= 0:
        won("a file by its handle")
        break
