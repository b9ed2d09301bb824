"""First looks at candidates, which may only reject: short builds, then a whole one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from filial.core import (
    Arm,
    Candidate,
    Decision,
    Judged,
    Spared,
    Split,
    Trial,
    Verdict,
    VerdictReached,
)
from filial.executors.base import Executor
from filial.gates.answers import amount, blamed, conclude, failed
from filial.gates.base import Case, Gate, baseline_of
from filial.journal import Journal
from filial.schedule import Schedule

_SLACK_SIGMAS = 2.0
"""How far a shorter program, which needs no gain, may lie behind at a rung, in sigma."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heat:
    """A candidate's trial beside its opponent's, on the same seeds and the same share of time."""

    candidate: Candidate
    case: Case
    faced: Trial
    trial: Trial

    @property
    def fraction(self) -> float:
        return self.trial.spec.fraction

    @property
    def gain(self) -> float:
        return self.case.gain(self.faced, self.trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Runs dev trials of each candidate, on the seed that its opponent was tried on.

    At each rung, and then with the whole of the build's time, candidates run beside their
    opponent. At a rung those stay behind that fail, or whose learning curve is below that of the
    opponent; at the end those that the gate rejects. A few that were only too slow go on all the
    same, chosen by lot: the share of them that is promoted is the share of good candidates that
    screens reject. No error budget is spent.

    Every generation has a dev seed of its own. What a proposer has learned about dev items from
    scores and error texts is worth nothing once somebody was promoted.

    Source: Jamieson and Talwalkar 2016, arXiv 1502.07943 (rungs), without quotas: all that keep up
    with the opponent go on.

    Attributes:
        schedule: Writes trial specs.
        journal: The study's memory.
        executor: Runs trials.
        gate: Decides who is rejected after the full dev trial.
        rungs: Shares of the build's CPU time after which candidates are compared with their
            opponent, in (0, 1), rising.
        survivors: Share of those with too small a gain that go on by lot, in [0, 0.5].

    What this does not cover: proposers that learn the dev items within one generation. Their
    candidates pass the screen and fail the confirmation, which costs trials but no error budget
    beyond its share. And candidates that start slowly and end well: rungs reject most of them.
    """

    schedule: Schedule
    journal: Journal
    executor: Executor
    gate: Gate
    rungs: tuple[float, ...]
    survivors: float

    def cases(self, batch: Sequence[Candidate], blank: Case) -> list[Case]:
        """Returns the cases of a batch that go on, most promising first, those by lot last."""
        running = [(candidate, self._case(candidate, blank)) for candidate in batch]
        passed: list[_Heat] = []
        spared: list[Case] = []
        for fraction in (*self.rungs, 1.0):
            passed = []
            for heat in self._run(running, fraction):
                verdict = self._judge(heat)
                if verdict is None:
                    passed.append(heat)
                elif self._is_spared(heat, verdict):
                    self._spare(verdict)
                    spared.append(heat.case)
                else:
                    self._record(verdict, heat.candidate.arm)
            running = [(heat.candidate, heat.case) for heat in passed]
        passed.sort(key=lambda heat: -heat.gain)
        return [*(heat.case for heat in passed), *spared]

    def _case(self, candidate: Candidate, blank: Case) -> Case:
        history = self.journal.history
        opponent = history.opponent_of(candidate.arm)
        is_shorter = candidate.is_shorter_than(history.standings[opponent].candidate)
        may_claim_it = is_shorter and candidate.arm in {Arm.TREATMENT, Arm.CONTROL}
        return replace(
            blank,
            challenger=candidate.id,
            incumbent=opponent,
            margin=self.gate.not_worse(blank.primary, blank.noise) if may_claim_it else 0.0,
            baseline=self._baseline(opponent, blank),
        )

    def _run(self, running: Sequence[tuple[Candidate, Case]], fraction: float) -> Iterator[_Heat]:
        """Yields the heats of the candidates that are left, once all trials are on record.

        An opponent runs, too, if it never did with that share of time on that seed.
        """
        standings, seed_of = self.journal.history.standings, self.journal.history.screen_seed
        sides = [
            [self.schedule.dev(side, seed_of(case.incumbent), fraction) for side in pair]
            for _, case in running
            for pair in [(case.incumbent, case.challenger)]
        ]
        opponents = dict.fromkeys(faced for faced, _ in sides)
        missing = [s for s in opponents if s.label not in standings[s.candidate].trials]
        specs = [*missing, *(own for _, own in sides)]
        trials = list(self.journal.trials(specs, self.executor))[len(missing) :]
        for (candidate, case), trial in zip(running, trials, strict=True):
            faced = standings[case.incumbent].trials[trial.spec.label]
            if fraction == 1 and case.judged is Judged.ARTIFACT:  # its items tell the noise
                faced, trial = map(self.journal.in_full, (faced, trial))  # noqa: PLW2901 - in full
            yield _Heat(candidate=candidate, case=case, faced=faced, trial=trial)

    def _judge(self, heat: _Heat) -> Verdict | None:
        """Returns a REJECT or VOID verdict from one heat, or None to let it through."""
        if heat.fraction == 1:
            return self.gate.screen(heat.case, heat.faced, heat.trial)
        share = f"{100 * heat.fraction:g} % of the build"
        failure = blamed(heat.trial)
        if failure is not None:
            verdict = failed(heat.case, failure, self.gate.policy)
            # Where the opponent fails, too, the time is too short to blame anybody for that.
            is_telling = heat.faced.is_usable or verdict.decision is Decision.VOID
            return replace(verdict, reason=f"at {share}: {failure}") if is_telling else None
        if not (heat.trial.is_usable and heat.faced.is_usable):
            return None
        slack = _SLACK_SIGMAS * heat.case.noise.sigma if heat.case.margin else 0.0
        if heat.gain >= -slack:
            return None
        number = self.journal.history.standings[heat.case.incumbent].generation
        lag = amount(-heat.gain, heat.case.primary)
        answer = Decision.REJECT, f"behind F{number} after {share}, by {lag}"
        return conclude(heat.case, answer, self.gate.policy)

    def _is_spared(self, heat: _Heat, verdict: Verdict) -> bool:
        """Whether a rejected candidate goes on: too small a gain was all, and the lot says so."""
        if heat.candidate.arm is not Arm.TREATMENT or blamed(heat.trial) is not None:
            return False
        if heat.fraction == 1:
            if heat.case.judged is Judged.CONSTRUCTION:
                return False  # an exact value is never rejected by mistake
            bare = self.gate.screen(replace(heat.case, guards=()), heat.faced, heat.trial)
            if bare is None or bare.reason != verdict.reason:
                return False  # a guard was broken
        return self.schedule.lot(heat.candidate.id) < self.survivors

    def _spare(self, verdict: Verdict) -> None:
        self.journal.decide(Spared(candidate=verdict.candidate, reason=verdict.reason))

    def _record(self, verdict: Verdict, arm: Arm) -> None:
        self.journal.decide(VerdictReached(verdict=verdict, arm=arm))

    def _baseline(self, opponent: str, blank: Case) -> Mapping[str, tuple[float, ...]]:
        """Returns F0's guard values in confirmations, unless it is F0 that is challenged."""
        history = self.journal.history
        first = history.generations[0].candidate
        if opponent == first:
            return {}
        trials = history.standings[first].trials.values()
        confirm = (trial for trial in trials if trial.spec.split is Split.CONFIRM)
        return baseline_of(blank.guards, confirm)
