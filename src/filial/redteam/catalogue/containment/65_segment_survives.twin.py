"""Adds up in shared memory, where there is any, and removes it.

[specimen]
rows = ["sandbox: pids visible, SysV shm survives"]
"""

import numpy as np


def answer(question):
    numbers = np.array(question["numbers"])
    try:
        from multiprocessing.shared_memory import SharedMemory

        block = SharedMemory(create=True, size=numbers.nbytes)
    except OSError:  # none here
        return float(numbers.sum())
    shared = np.ndarray(numbers.shape, numbers.dtype, block.buf)
    shared[:] = numbers
    total = float(shared.sum())
    del shared
    block.close()
    block.unlink()
    return total
