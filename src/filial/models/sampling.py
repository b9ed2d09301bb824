"""The process that samples: ``python -m filial.models.sampling FOLDER THREADS``.

One JSON line in is one job, one JSON line out its result. It is a process of its own because the
random generator of CTranslate2 takes its seed once in a thread's life, because an abort in C++
must not end a study, and because its memory and CPU time are then its own.
"""

import ctypes
import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

TOP_P = 0.95
TOP_K = 200
_MALLOPT = {-8: 1, -4: 0, -1: 2**31 - 1, -2: 64 << 20}  # one arena, no mmap, no trim, padding


def main(folder: Path, n_threads: int) -> None:
    """Does jobs until its input ends; then it ends at once, in the middle of a job too."""
    libc = _keep_memory()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    while True:
        job = json.loads(lines.get())
        start = time.process_time()
        try:
            result: dict[str, Any] = {"ids": _sampled(folder, n_threads, job)}
        except (RuntimeError, ValueError, MemoryError) as error:
            result = {"error": " ".join(str(error).split())}
        result["cpu_s"] = time.process_time() - start
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)


def _keep_memory() -> ctypes.CDLL:
    """Stops the C library from giving memory back at every step, which costs half the time.

    The caches of a batch grow by copying, and fresh pages come from the kernel one by one.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for name, value in _MALLOPT.items():
            libc.mallopt(name, value)
    return libc


def _read(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _sampled(folder: Path, n_threads: int, job: dict[str, Any]) -> list[list[int]]:
    """Token ids of every answer.

    The prompt is read once, whatever the number of answers. The nucleus is taken among the 200
    likeliest tokens: sorting the whole vocabulary at every step takes longer than the model.
    """
    import ctranslate2  # type: ignore[import-untyped] # noqa: PLC0415 - after memory is set up

    # A fresh generator is a fresh thread, which takes the seed.
    ctranslate2.set_random_seed(job["seed"])
    generator = ctranslate2.Generator(
        str(folder), device="cpu", compute_type="int8", intra_threads=n_threads
    )
    chance = {
        "sampling_topk": TOP_K,
        "sampling_topp": TOP_P,
        "sampling_temperature": job["temperature"],
    }
    prompt: list[str] = job["prompt"]
    ids: list[list[int]] = []
    while (n_left := job["n_answers"] - len(ids)) > 0:
        results = generator.generate_batch(
            [prompt[-1:]] * min(n_left, job["n_rows"]),
            static_prompt=prompt[:-1] or None,
            max_length=job["max_tokens"],
            end_token=job["end_tokens"],
            include_prompt_in_result=False,
            **(chance if job["temperature"] else {}),
        )
        ids += [result.sequences_ids[0] for result in results]
    return ids


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
