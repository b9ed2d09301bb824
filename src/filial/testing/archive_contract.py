"""The contract of the archive seam as a test suite.

Subclass it in a test module and say how to make the archive, for the metric ``METRIC``::

    class TestMine(ArchiveContract):
        def make(self) -> Archive:
            return Mine(METRIC)
"""
# ruff: noqa: D102, S101 - a test suite that happens to be shipped

from collections.abc import Iterator
from random import Random  # noqa: TID251 - made-up histories, each from its own seed

from filial.archives import Archive
from filial.core import (
    Arm,
    Body,
    Calibrated,
    Candidate,
    Decision,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Promoted,
    Proposed,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)

METRIC = Metric("loss", direction="min")
SCREEN_K = 0
_DECISIONS = tuple(Decision)


def initial(value: float) -> tuple[Body, ...]:
    """Returns the bodies that make F0, candidate ``"f0"``, with one dev trial of ``value``."""
    return (
        _proposed("f0", -1, Arm.TREATMENT),
        Promoted(generation=Generation(number=0, candidate="f0", commit="0"), hypothesis=""),
        Calibrated(noise=Noise(sigma=0.1, n_values=3), screen_k=SCREEN_K),
        dev_trial("f0", value),
    )


def judged(
    index: int,
    value: float | None,
    decision: Decision,
    *,
    arm: Arm = Arm.TREATMENT,
    alpha: float = 0.0,
) -> tuple[Body, ...]:
    """Returns the bodies of one candidate, ``"c<index>"``: proposed, tried on dev, judged.

    ``value`` None makes its dev trial fail; ``alpha`` > 0 makes the verdict a confirmation.
    """
    name = f"c{index}"
    verdict = Verdict(
        candidate=name,
        incumbent="f0",
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=alpha,
    )
    return (
        _proposed(name, index, arm),
        dev_trial(name, value),
        VerdictReached(verdict=verdict, arm=arm),
    )


def dev_trial(candidate: str, value: float | None) -> TrialFinished:
    """Returns a candidate's screening trial; it failed if ``value`` is None."""
    spec = TrialSpec(
        candidate=candidate,
        split=Split.DEV,
        build_seed=0,
        exam_seed=0,
        label=f"dev/{SCREEN_K}",
    )
    if value is None:
        crash = Failure(kind=FailureKind.CRASH)
        return TrialFinished(trial=Trial(spec=spec, level="L0", failure=crash))
    measurement = Measurement(metric=METRIC.name, value=value)
    return TrialFinished(trial=Trial(spec=spec, level="L0", measurements=(measurement,)))


def study(n_candidates: int, seed: int) -> Iterator[tuple[Body, ...]]:
    """Yields the bodies of a made-up study, candidate by candidate, all kinds mixed."""
    rng = Random(seed)  # noqa: S311 - not for cryptography
    yield initial(3.0)
    n_generations = 1
    for index in range(n_candidates):
        arm = rng.choices(list(Arm), [8, 1, 1, 1])[0]
        decision = rng.choice(_DECISIONS)
        failed = decision in (Decision.REJECT, Decision.VOID) and rng.random() < 0.3
        value = None if failed else round(rng.gauss(3.0, 0.3), 3)
        alpha = 0.05 if rng.random() < 0.5 else 0.0
        bodies = judged(index, value, decision, arm=arm, alpha=alpha)
        if decision is Decision.PROMOTE and arm is Arm.TREATMENT:
            generation = Generation(number=n_generations, candidate=f"c{index}", commit="0")
            bodies = (*bodies, Promoted(generation=generation, hypothesis=""))
            n_generations += 1
        yield bodies


def history_of(*groups: tuple[Body, ...]) -> History:
    """Returns the history of groups of bodies."""
    history = History()
    for bodies in groups:
        for body in bodies:
            history.apply(body)
    return history


def _proposed(name: str, index: int, arm: Arm) -> Proposed:
    parent = "" if index < 0 else "f0"
    candidate = Candidate(
        id=name, index=index, parent=parent, proposer="scripted", arm=arm, hypothesis=""
    )
    return Proposed(
        index=index,
        proposer="scripted",
        arm=arm,
        parent=parent,
        hypothesis="",
        candidate=candidate,
    )


class ArchiveContract:
    """What every archive keeps."""

    def make(self) -> Archive:
        """Returns a fresh archive for ``METRIC``."""
        raise NotImplementedError

    def test_the_initial_code_is_the_only_choice_at_first(self) -> None:
        history = history_of(initial(3.0))
        assert {self.make().select(history, seed) for seed in range(20)} == {"f0"}

    def test_the_choice_is_in_the_standings_and_was_never_void(self) -> None:
        archive, history = self.make(), History()
        for number, bodies in enumerate(study(120, seed=1)):
            for body in bodies:
                history.apply(body)
            for seed in (number, number + 1000):
                standing = history.standings[archive.select(history, seed)]
                void = standing.verdict is not None and standing.verdict.decision is Decision.VOID
                assert not void
                assert standing.candidate.arm is Arm.TREATMENT

    def test_a_living_archive_chooses_as_a_fresh_one(self) -> None:
        archive, history = self.make(), History()
        for number, bodies in enumerate(study(120, seed=2)):
            for body in bodies:
                history.apply(body)
            assert archive.select(history, number) == self.make().select(history, number)

    def test_another_history_is_another_matter(self) -> None:
        archive = self.make()
        long, short = history_of(*study(80, seed=3)), history_of(*study(20, seed=4))
        for seed in range(10):
            assert archive.select(long, seed) == self.make().select(long, seed)
            assert archive.select(short, seed) == self.make().select(short, seed)

    def test_the_history_is_left_alone(self) -> None:
        history = history_of(*study(40, seed=5))
        self.make().select(history, 0)
        assert history == history_of(*study(40, seed=5))
