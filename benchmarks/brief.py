"""Briefs: time and tokens in a made-up study with 10,000 trials.

    python benchmarks/brief.py [N]

Prints one JSON line a measurement, in milliseconds of this process's CPU time, the median of N.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from filial.briefing import evidence_of
from filial.core import Brief, Event, Evidence, History
from filial.hindsight import Hindsight
from filial.proposers.brief_text import MAX_TOKENS, estimate, render
from filial.recollection import Recollection
from filial.testing.histories import EXAMPLE_PRIMARY, example_events

_N_CANDIDATES = 1530  # with about 10,000 trials
_N_LATEST = 400  # events that are followed one by one


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of CPU time of one call."""
    begin = time.process_time()
    work()
    return 1000 * (time.process_time() - begin)


def measure(n: int) -> list[dict[str, object]]:
    """Times from the beginning, of one more event, and of the text."""
    events = example_events(_N_CANDIDATES, 0)
    history = History.of(events)
    parent = history.incumbent.candidate
    evidence = evidence_of(history, parent, EXAMPLE_PRIMARY)
    code = "".join(f"x{i} = {i}  # a line of code\n" for i in range(200))
    brief = Brief(
        index=history.n_proposals,
        seed=0,
        goal="Lower held-out bits per byte",
        metric=EXAMPLE_PRIMARY,
        surfaces={"optimizer": ("optim.py",)},
        files={"optim.py": code, "train.py": code},
        evidence=evidence,
    )
    scratch = [cpu_ms(lambda: evidence_of(history, parent, EXAMPLE_PRIMARY)) for _ in range(n)]
    texts = [cpu_ms(lambda: render(brief)) for _ in range(n)]
    later = each_event(events)
    bare = render(replace(brief, evidence=Evidence()))
    about = {"trials": history.spend.trials, "proposals": history.n_proposals}
    return [
        {"what": "evidence from the beginning", "ms": median(scratch), **about},
        {"what": "evidence after one more event", "ms": median(later), "worst_ms": max(later)},
        {"what": "text", "ms": median(texts), "tokens": estimate(render(brief))},
        {"what": "text without evidence", "tokens": estimate(bare), "most": MAX_TOKENS},
    ]


def each_event(events: list[Event]) -> list[float]:
    """Milliseconds of evidence after each of the latest events."""
    history = History.of(events[:-_N_LATEST])
    recollection = Recollection(Hindsight(EXAMPLE_PRIMARY))
    recollection.evidence(history, history.incumbent.candidate)
    found = []
    for event in events[-_N_LATEST:]:
        history.take(event)
        found.append(cpu_ms(lambda: recollection.evidence(history, history.incumbent.candidate)))
    return found


def median(values: list[float]) -> float:
    """Median, rounded."""
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    for line in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 15):
        print(json.dumps(line))
