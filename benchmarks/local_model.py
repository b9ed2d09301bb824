"""Sampling from a local model: generated tokens a CPU-second, by batch and by length of prompt.

    python benchmarks/local_model.py [MODEL]

Prints one JSON line a measurement; the model must be here already (``filial models fetch MODEL``).
"""

import json
import os
import resource
import sys
import time

from filial.core import Request, Turn
from filial.models.bundled import Bundled
from filial.models.fetching import cache_folder
from filial.models.shelf import Shelf

BATCHES = ((1, 0), (8, 0), (32, 0), (8, 60), (32, 60), (8, 250))
MAX_TOKENS = 100


def request(n_answers: int, n_sentences: int, max_tokens: int = MAX_TOKENS) -> Request:
    """A request for long answers; every sentence is four tokens of prompt."""
    text = "Write a long story about a sailor." + " Think of speed." * n_sentences
    turns = (Turn(role="user", text=text),)
    return Request(system="", turns=turns, n_answers=n_answers, max_tokens=max_tokens)


def main(name: str) -> None:
    """Measures one model on one core."""
    environment = dict(os.environ)  # noqa: TID251 - a program of its own
    shelf = Shelf(cache_folder(environment), environment)
    begin = time.perf_counter()
    model: Bundled = shelf.open(name)
    first = model.generate(request(1, 0, max_tokens=1))
    print(
        json.dumps(
            {
                "model": first.model,
                "first_token_wall_s": round(time.perf_counter() - begin, 2),
                "load_cpu_s": round(first.spend.cpu_s, 2),
            }
        )
    )
    for n_answers, n_sentences in BATCHES:
        asked = request(n_answers, n_sentences)
        n_prompt = model.worst(asked).tokens - n_answers * MAX_TOKENS
        spend = model.generate(asked).spend
        row = {
            "batch": n_answers,
            "prompt_tokens": n_prompt,
            "generated_tokens": spend.tokens - n_prompt,
            "cpu_s": round(spend.cpu_s, 2),
            "generated_a_cpu_s": round((spend.tokens - n_prompt) / spend.cpu_s, 1),
        }
        print(json.dumps(row), flush=True)
    model.close()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"memory_peak_mb": round(peak / 1e6)}))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "smollm2-135m-instruct")
