"""The shipped gate, asked as the engine asks it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from filial.core import (
    Decision,
    Judged,
    Measurement,
    Metric,
    Noise,
    Pair,
    Split,
    Trial,
    TrialSpec,
    Verdict,
)
from filial.gates import Case, ConfirmationGate, Rule

METRIC = Metric("score")
N_FRESH = 4
"""Builds of a new incumbent, of which the most typical one is what candidates face first."""

_SPEC = TrialSpec(candidate="", split=Split.CONFIRM, build_seed=0, exam_seed=0, label="")


def trial(value: float, items: tuple[float, ...] = ()) -> Trial:
    """Returns a trial that came to ``value``."""
    found = Measurement(metric=METRIC.name, value=value, items=items)
    return Trial(spec=_SPEC, level="", measurements=(found,))


class Confirmer:
    """The confirmation gate over one stream of candidates.

    Args:
        rule: Its numbers.
        judged: What its verdicts are about.
        calibration: A/A values of the first incumbent.
        misjudged: Factor between the sigma that they show and what the gate is told.
    """

    def __init__(
        self, rule: Rule, judged: Judged, calibration: list[float], misjudged: float = 1.0
    ) -> None:
        self._gate = ConfirmationGate(rule)
        noise = self._gate.noise(METRIC, tuple(map(trial, calibration)))
        noise = Noise(sigma=misjudged * noise.sigma, n_values=noise.n_values)
        self._blank = Case(
            challenger="challenger",
            incumbent="incumbent",
            judged=judged,
            primary=METRIC,
            guards=(),
            noise=noise,
            alpha=0.0,
        )
        self._verdicts: list[Verdict] = []

    def passes(self, incumbent: Trial, challenger: Trial) -> bool:
        """Returns whether a candidate passes its first look."""
        return self._gate.screen(self._blank, incumbent, challenger) is None

    def confirm(self, pairs: Iterator[Pair], again: Callable[[int], tuple[Trial, ...]]) -> Verdict:
        """Returns the verdict on a candidate, final once it is given.

        Args:
            pairs: Its evidence, fresh; as many as the gate may ask for.
            again: Returns that many trials of the candidate, built from source anew.
        """
        case = replace(self._blank, alpha=self._gate.alpha(tuple(self._verdicts)))
        case, verdict = self._judge(case, pairs)
        if verdict.decision is Decision.PROMOTE:
            trials = again(self._gate.n_replications)
            verdict = self._gate.replicate(case, verdict, trials)
        self._verdicts.append(verdict)
        return verdict

    def _judge(self, case: Case, pairs: Iterator[Pair]) -> tuple[Case, Verdict]:
        while True:
            case = replace(case, pairs=(*case.pairs, next(pairs)))
            verdict = self._gate.judge(case)
            if verdict is None:
                continue
            n_more = self._gate.more_pairs(case) if verdict.decision is Decision.UNDECIDED else 0
            if not n_more:
                return case, verdict
            case = replace(case, n_bought=case.n_bought + n_more)
