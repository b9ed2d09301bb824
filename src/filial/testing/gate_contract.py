"""The contract of the gate seam as a test suite.

Subclass it in a test module and say how to make the gate, and variants of it that differ in one
number each::

    class TestMine(GateContract):
        judged = Judged.RECIPE

        def make(self) -> Gate:
            return Mine()

        def variants(self) -> Sequence[Gate]:
            return [Mine(threshold=0.9)]
"""
# ruff: noqa: S101 - assertions are what a test suite is made of

from collections.abc import Sequence
from dataclasses import replace

from filial.core import (
    Decision,
    Failure,
    FailureKind,
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
from filial.gates.base import Case, Gate

LOSS = Metric("loss", unit="bits/byte", direction="min")
MEMORY = Metric("memory", unit="MiB", direction="min", tolerance=10.0)

N_ENOUGH = 24
"""Pairs after which every gate has decided."""

_WOBBLE = (0.0, 0.013, -0.011, 0.004, -0.017, 0.019, 0.008, -0.006, 0.015, -0.002)
_WOBBLES = (_WOBBLE * 3)[:N_ENOUGH]


def trial(
    candidate: str,
    loss: float | None,
    *,
    k: int = 0,
    split: Split = Split.CONFIRM,
    memory: float = 100.0,
    failure: FailureKind = FailureKind.CRASH,
) -> Trial:
    """Returns trial ``k`` of ``candidate``; a ``loss`` of None means that it failed."""
    spec = TrialSpec(
        candidate=candidate, split=split, build_seed=k, exam_seed=k, label=f"{split}/{k}"
    )
    if loss is None:
        return Trial(spec=spec, level="L0", failure=Failure(kind=failure, detail="why"))
    values = (("loss", loss), ("memory", memory))
    return Trial(
        spec=spec,
        level="L0",
        measurements=tuple(Measurement(metric=name, value=value) for name, value in values),
    )


def pairs(before: Sequence[float], after: Sequence[float]) -> tuple[Pair, ...]:
    """Returns confirm pairs of the incumbent's and the challenger's losses."""
    return tuple(
        Pair(incumbent=trial("old", a, k=k), challenger=trial("new", b, k=k))
        for k, (a, b) in enumerate(zip(before, after, strict=True))
    )


OBVIOUS = pairs([2.8] * N_ENOUGH, [1.9] * N_ENOUGH)
"""A gain that no gate can miss."""


class _Subject:
    """The gate under test, and how it is put to work."""

    judged: Judged

    def make(self) -> Gate:
        """Returns the gate under test, anew."""
        raise NotImplementedError

    def variants(self) -> Sequence[Gate]:
        """Returns gates that differ from it in one number each."""
        raise NotImplementedError

    def case(self, gate: Gate) -> Case:
        """Returns a case without evidence, with noise from eight A/A trials."""
        trials = tuple(trial("old", 2.8 + w, k=k) for k, w in enumerate(_WOBBLE[:8]))
        return Case(
            challenger="new",
            incumbent="old",
            judged=self.judged,
            primary=LOSS,
            guards=(MEMORY,),
            noise=gate.noise(LOSS, trials),
            alpha=gate.alpha(()),
        )

    def judge(
        self, gate: Gate, evidence: Sequence[Pair], case: Case | None = None
    ) -> Verdict | None:
        """Feeds ``evidence`` pair by pair and returns the first verdict, None if there is none."""
        case = case or self.case(gate)
        for n in range(1, len(evidence) + 1):
            verdict = gate.judge(replace(case, pairs=tuple(evidence[:n])))
            if verdict is not None:
                return verdict
        return None

    def promotion(self, gate: Gate) -> tuple[Case, Verdict]:
        """Returns the case with the evidence that it took, and its verdict."""
        case = self.case(gate)
        verdict = self.judge(gate, OBVIOUS, case)
        assert verdict is not None
        assert verdict.decision is Decision.PROMOTE
        assert verdict.comparison is not None
        return replace(case, pairs=OBVIOUS[: len(verdict.comparison.differences)]), verdict


class _Verdicts(_Subject):
    """From pairs to a verdict."""

    def test_identical_trials_are_never_promoted(self) -> None:
        """A challenger that does exactly the same is rejected, not undecided."""
        losses = [2.8 + w for w in _WOBBLES]
        verdict = self.judge(self.make(), pairs(losses, losses))
        assert verdict is not None
        assert verdict.decision is Decision.REJECT

    def test_a_worse_challenger_is_rejected(self) -> None:
        """Also where its losses wobble."""
        verdict = self.judge(self.make(), pairs([2.8] * N_ENOUGH, [3.0 + w for w in _WOBBLES]))
        assert verdict is not None
        assert verdict.decision is Decision.REJECT

    def test_an_obvious_gain_is_promoted(self) -> None:
        """A gate that never promotes is of no use."""
        verdict = self.judge(self.make(), OBVIOUS)
        assert verdict is not None
        assert verdict.decision is Decision.PROMOTE
        assert verdict.comparison is not None
        assert verdict.comparison.lower > 0

    def test_a_verdict_names_its_case(self) -> None:
        """Sides, what is judged, policy and alpha."""
        gate = self.make()
        case = self.case(gate)
        verdict = self.judge(gate, OBVIOUS)
        assert verdict is not None
        assert (verdict.candidate, verdict.incumbent) == ("new", "old")
        assert verdict.judged is self.judged
        assert verdict.policy == gate.policy
        assert verdict.alpha == case.alpha
        assert verdict.reason

    def test_without_evidence_there_is_no_verdict(self) -> None:
        """It asks for the first pair."""
        gate = self.make()
        assert gate.judge(self.case(gate)) is None

    def test_the_same_arguments_give_the_same_answer(self) -> None:
        """On the same gate again, and on a new one; nothing is remembered between cases."""
        gate = self.make()
        promising = pairs([2.8 + w for w in _WOBBLES], [2.75] * N_ENOUGH)
        first = self.judge(gate, promising)
        self.judge(gate, OBVIOUS)
        assert self.judge(gate, promising) == first
        assert self.judge(self.make(), promising) == first

    def test_a_failing_challenger_is_rejected_and_a_rule_breaker_void(self) -> None:
        """In the screen and in confirmation."""
        gate = self.make()
        case = self.case(gate)
        for kind, decision in (
            (FailureKind.CRASH, Decision.REJECT),
            (FailureKind.NON_FINITE, Decision.REJECT),
            (FailureKind.INVALID, Decision.VOID),
        ):
            old, new = trial("old", 2.8), trial("new", None, failure=kind)
            confirmed = gate.judge(replace(case, pairs=(Pair(incumbent=old, challenger=new),)))
            for verdict in (gate.screen(case, old, new), confirmed):
                assert verdict is not None
                assert verdict.decision is decision
                assert "why" in verdict.reason

    def test_a_failing_incumbent_or_host_decides_nothing_for_the_challenger(self) -> None:
        """Without a pair of measurements there is no gain."""
        failing = [
            Pair(incumbent=trial("old", None, k=k), challenger=trial("new", 1.9, k=k))
            for k in range(N_ENOUGH)
        ]
        verdict = self.judge(self.make(), failing)
        assert verdict is not None
        assert verdict.decision is Decision.UNDECIDED
        host = trial("new", None, failure=FailureKind.HOST)
        gate = self.make()
        assert gate.screen(self.case(gate), trial("old", 2.8), host) is None

    def test_the_screen_only_rejects_and_spends_nothing(self) -> None:
        """Whatever the dev pair shows."""
        gate = self.make()
        case = self.case(gate)
        for loss in (1.0, 2.5, 2.79, 2.8, 2.81, 3.5, None):
            for memory in (50.0, 100.0, 109.0, 111.0, 121.0):
                new = trial("new", loss, split=Split.DEV, memory=memory)
                verdict = gate.screen(case, trial("old", 2.8, split=Split.DEV), new)
                if verdict is not None:
                    assert verdict.decision is Decision.REJECT
                    assert verdict.alpha == 0
        assert gate.screen(case, trial("old", 2.8), trial("new", 1.9)) is None

    def test_the_screen_rejects_a_worse_guard(self) -> None:
        """However large the gain; one pair may have to be twice beyond the tolerance to tell."""
        gate = self.make()
        verdict = gate.screen(self.case(gate), trial("old", 2.8), trial("new", 1.9, memory=121.0))
        assert verdict is not None
        assert "memory" in verdict.reason

    def test_a_broken_guard_prevents_promotion(self) -> None:
        """However large the gain."""
        heavy = [
            Pair(
                incumbent=trial("old", 2.8, k=k),
                challenger=trial("new", 1.9, k=k, memory=120.0 + k % 2),
            )
            for k in range(N_ENOUGH)
        ]
        verdict = self.judge(self.make(), heavy)
        assert verdict is not None
        assert verdict.decision is Decision.REJECT
        assert [check.holds for check in verdict.guards] == [False]

    def test_the_policy_names_every_number(self) -> None:
        """Equal gates have equal policies; one number more or less makes another."""
        policies = {gate.policy for gate in (self.make(), *self.variants())}
        assert len(policies) == 1 + len(self.variants())
        assert self.make().policy == self.make().policy

    def test_noise_leaves_out_failed_trials(self) -> None:
        """All failing means unknown, not an error."""
        noise = self.make().noise(LOSS, (trial("old", None), trial("old", None)))
        assert noise == Noise(sigma=0.0, n_values=0)


class _SecondThoughts(_Subject):
    """What comes after the first answer, and beside it."""

    def test_more_pairs_are_for_gains_only_and_have_an_end(self) -> None:
        """A case without evidence, without a gain or with all it may take deserves none."""
        gate = self.make()
        case = self.case(gate)
        losses = [2.8 + w for w in _WOBBLES]
        for evidence in ((), pairs(losses, losses), pairs(losses, [3.0] * N_ENOUGH)):
            assert gate.more_pairs(replace(case, pairs=evidence)) == 0
        n_bought = 0
        while (n_more := gate.more_pairs(replace(case, pairs=OBVIOUS, n_bought=n_bought))) > 0:
            n_bought += n_more
            assert n_bought <= 1000
        assert n_more == 0

    def test_asking_for_more_pairs_leaves_the_verdict_alone(self) -> None:
        """It is a question, no action."""
        gate = self.make()
        case = replace(self.case(gate), pairs=OBVIOUS[:5])
        before = gate.judge(case)
        assert gate.more_pairs(case) == gate.more_pairs(case)
        assert gate.judge(case) == before

    def test_replication_bears_out_what_comes_again(self) -> None:
        """The same worth, as often as the gate wants it: the verdict stands as it is."""
        gate = self.make()
        case, verdict = self.promotion(gate)
        again = tuple(trial("new", 1.9, k=100 + k) for k in range(gate.n_replications))
        assert gate.replicate(case, verdict, again) == verdict

    def test_replication_never_makes_a_promotion(self) -> None:
        """Whatever comes of the trials, of all other verdicts it leaves something else."""
        gate = self.make()
        case, verdict = self.promotion(gate)
        for decision in set(Decision) - {Decision.PROMOTE}:
            for loss in (1.0, 1.9, 5.0, None):
                trials = (trial("new", loss, k=100), trial("new", loss, k=101))
                answer = gate.replicate(case, replace(verdict, decision=decision), trials)
                assert answer.decision is not Decision.PROMOTE

    def test_replication_keeps_what_the_verdict_rests_on(self) -> None:
        """Only the decision and its reason may change: the budget is spent all the same."""
        gate = self.make()
        case, verdict = self.promotion(gate)
        for loss in (1.9, 5.0, None):
            trials = tuple(trial("new", loss, k=100 + k) for k in range(gate.n_replications))
            answer = gate.replicate(case, verdict, trials)
            kept = replace(answer, decision=verdict.decision, reason=verdict.reason)
            assert kept == verdict

    def test_what_does_not_come_again_is_not_promoted(self) -> None:
        """Builds from source that all fall far short, or one that fails."""
        gate = self.make()
        case, verdict = self.promotion(gate)
        for worse, others in ((2.8, 2.8), (None, 1.9)) if gate.n_replications else ():
            last = trial("new", worse, k=100 + gate.n_replications)
            again = [trial("new", others, k=100 + k) for k in range(gate.n_replications - 1)]
            answer = gate.replicate(case, verdict, (*again, last))
            assert answer.decision is not Decision.PROMOTE
            assert answer.reason != verdict.reason

    def test_not_worse_is_a_margin_in_the_metrics_unit(self) -> None:
        """Not negative, within the smallest effect worth having, and the same each time."""
        gate = self.make()
        for noise in (self.case(gate).noise, Noise(sigma=0.0, n_values=0)):
            for smallest in (0.0, 0.3):
                primary = replace(LOSS, smallest_effect=smallest)
                margin = gate.not_worse(primary, noise)
                assert margin >= 0
                assert margin <= smallest or smallest == 0
                assert margin == gate.not_worse(primary, noise)

    def test_shorter_and_much_worse_is_rejected(self) -> None:
        """A margin forgives what is within it, and its verdict says so."""
        gate = self.make()
        case = replace(self.case(gate), margin=0.02)
        verdict = self.judge(gate, pairs([2.8] * N_ENOUGH, [3.0 + w for w in _WOBBLES]), case)
        assert verdict is not None
        assert verdict.decision is Decision.REJECT
        assert verdict.margin == 0.02


class GateContract(_Verdicts, _SecondThoughts):
    """What every gate must hold to."""
