"""Whether a promotion can be had again from its source."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from filial.core import Decision, Trial, Verdict
from filial.gates import evidence
from filial.gates.answers import amount, blamed, decision_on
from filial.gates.base import Case
from filial.gates.rule import N_REPLICATIONS, REPLICATION_SIGMAS


def replicate(case: Case, verdict: Verdict, trials: Sequence[Trial]) -> Verdict:
    """Returns ``verdict``, or REJECT where a build from source did not bear it out.

    VOID where one broke the exam's rules; and UNDECIDED where the host let fewer than
    ``N_REPLICATIONS`` of them come about, for a promotion does not rest on what nobody has seen.

    One of ``trials`` must come out no worse than the challenger's mean in the confirmation, less
    three standard deviations of a single value: of the A/A noise or of the challenger's own
    values, whichever is larger. One, because now and then a build goes wrong that is as good as
    the others; but all of them where the claim is only "not worse", because whoever drops a
    safeguard goes wrong now and then. And none may fail.

    Args:
        case: The case with its pairs.
        verdict: PROMOTE.
        trials: The challenger's, built from its source anew, on fresh seeds and items.

    What this does not cover: values that are all alike in confirmation and A/A trials leave no
    room for chance, so there the smallest effect is the room.
    """
    metric = case.primary
    _, values = evidence.sides(metric, evidence.usable(case.pairs))
    sd = max(case.noise.sigma / math.sqrt(2), statistics.stdev(values))
    room = max(REPLICATION_SIGMAS * sd * math.sqrt(1 + 1 / len(values)), metric.smallest_effect)
    least = min(statistics.fmean(values) - room, *values)  # equal values may have a larger mean
    for trial in trials:
        failure = blamed(trial)
        if failure is not None:
            reason = f"built from source again, it failed: {failure}"
            return replace(verdict, decision=decision_on(failure), reason=reason)
    found = [metric.gain(0.0, t[metric.name].value) for t in trials if t.is_usable]
    if len(found) < N_REPLICATIONS:
        reason = f"built from source again {len(found)} of {N_REPLICATIONS} times: the host failed"
        return replace(verdict, decision=Decision.UNDECIDED, reason=reason)
    telling = min(found) if case.margin else max(found)
    if telling < least:
        value = amount(metric.gain(0.0, telling), metric)
        reason = f"built from source again, it only came to {value}"
        return replace(verdict, decision=Decision.REJECT, reason=reason)
    return verdict
