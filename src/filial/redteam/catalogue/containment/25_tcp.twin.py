"""Runs an event loop, which talks to itself through a pair of sockets.

[specimen]
rows = ["sandbox: TCP loopback / abstract socket"]
"""

import asyncio


async def add_up(numbers):
    parts = await asyncio.gather(*(asyncio.to_thread(sum, numbers[i::3]) for i in range(3)))
    return sum(parts)


def answer(question):
    return asyncio.run(add_up(question["numbers"]))
