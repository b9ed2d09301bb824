"""What a promotion must not harm."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import Decision, Judged, Metric, Noise, Pair, Verdict
from filial.gates import Case, ConfirmationGate
from filial.gates.base import baseline_of
from filial.gates.guards import check_guards
from filial.stats import mean_interval, non_inferiority, t_sequence
from filial.testing.gate_contract import LOSS, MEMORY, trial

GATE = ConfirmationGate()
WOBBLE = (0.00, 0.02, -0.01, 0.03, -0.02, 0.01, 0.00, 0.02, -0.03, 0.01, 0.02, -0.01)
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.RECIPE,
    primary=LOSS,
    guards=(MEMORY,),
    noise=Noise(sigma=0.04, n_values=7),
    alpha=0.002,
)


def heavy(after: Sequence[float], before: Sequence[float] | None = None) -> tuple[Pair, ...]:
    """Pairs of a clear gain, with so much memory; the incumbent's is 100 unless told."""
    return tuple(
        Pair(
            incumbent=trial("old", 2.8, k=k, memory=before[k] if before else 100.0),
            challenger=trial("new", 2.45 + WOBBLE[k % 12], k=k, memory=memory),
        )
        for k, memory in enumerate(after)
    )


def guarded(*memories: float, tolerance: float = 10.0) -> Verdict | None:
    guard = replace(MEMORY, tolerance=tolerance)
    return GATE.judge(replace(CASE, guards=(guard,), pairs=heavy(memories)))


def decision(verdict: Verdict | None) -> Decision | None:
    return verdict.decision if verdict is not None else None


@pytest.mark.parametrize(
    ("memories", "tolerance", "expected"),
    [
        ((104,) * 8, 10, Decision.PROMOTE),  # steady, within
        ((110,) * 8, 10, Decision.PROMOTE),  # exactly at the tolerance
        ((60, 140, 100, 80, 130, 100, 70, 130), 10, None),  # within, but not shown to be
        ((120, 121), 10, None),  # beyond, but looked at too early
        ((120, 121, 120, 122, 121), 10, Decision.REJECT),  # shown to be beyond
        ((100,) * 8, 0, Decision.PROMOTE),
        ((101, 101), 0, Decision.REJECT),  # any steady harm
        ((99, 102, 100, 101, 98, 100, 101, 99), 0, Decision.PROMOTE),  # harm within noise
    ],
)
def test_guards(memories: tuple[float, ...], tolerance: float, expected: Decision | None) -> None:
    verdict = guarded(*memories, tolerance=tolerance)
    assert decision(verdict) is expected
    if verdict is not None:
        assert [check.metric for check in verdict.guards] == ["memory"]
        assert verdict.guards[0].holds == (expected is Decision.PROMOTE)


def test_a_proven_gain_waits_for_its_guard_and_goes_undecided() -> None:
    """Nobody could tell whether memory is within its tolerance, so nothing is promoted."""
    verdict = guarded(*[60, 140, 100, 80, 130, 100, 70, 130] * 2)
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED
    assert verdict.comparison is not None
    assert verdict.comparison.e_value > 500
    assert not verdict.guards[0].holds


def test_the_harm_is_the_upper_bound_worked_by_hand() -> None:
    """Harms 1, 2, 3: mean 2, standard error 1 / sqrt(3), and t = 2.92 on two degrees."""
    (check,), broken = check_guards(CASE, heavy((101, 102, 103)))
    assert broken is None
    assert check.harm == pytest.approx(2 + 2.919986 / math.sqrt(3))
    (reversed_burden,), _ = check_guards(
        replace(CASE, guards=(replace(MEMORY, tolerance=0.0),)), heavy((101, 102, 103))
    )
    assert reversed_burden.harm == pytest.approx(2 - 2.919986 / math.sqrt(3))


def test_fewer_than_two_pairs_check_nothing() -> None:
    assert check_guards(CASE, heavy((500,))) == ((), None)
    assert check_guards(CASE, ()) == ((), None)


def test_no_guards_hold() -> None:
    assert check_guards(replace(CASE, guards=()), heavy((100,) * 3)) == ((), None)


def many(n_guards: int, harms: Sequence[float]) -> tuple[Case, tuple[Pair, ...]]:
    """A case with so many guards, all of which see the same harms."""
    guards = tuple(replace(MEMORY, tolerance=1.0) for _ in range(n_guards))
    return replace(CASE, guards=guards), heavy([100 + harm for harm in harms])


def test_proofs_of_harm_are_corrected_for_the_number_of_guards() -> None:
    """Harm that is proven at 5 % breaks the only guard, and not one of two, or of a hundred."""
    found = (1.4, 2.0, 3.5, 1.7, 2.2, 2.9)
    alone, of_two = (t_sequence(found, alpha=alpha)[0] for alpha in (0.10, 0.05))
    harms = [harm + 1.0 - (alone + of_two) / 2 for harm in found]
    for n_guards, is_broken in ((1, True), (2, False), (10, False), (100, False)):
        case, evidence = many(n_guards, harms)
        checks, broken = check_guards(case, evidence)
        assert (broken is not None) is is_broken
        # What is allowed needs no correction: each guard must hold by itself.
        assert [check.holds for check in checks] == [False] * n_guards


def test_the_first_guard_with_a_proof_is_named() -> None:
    guards = tuple(replace(MEMORY, tolerance=t) for t in (50.0, 5.0, 1.0))
    _, broken = check_guards(replace(CASE, guards=guards), heavy((120, 121, 122, 121)))
    assert broken is not None
    assert broken.tolerance == 5.0


def test_twenty_harmless_guards_do_not_reject_by_chance() -> None:
    """The chance that any of twenty guards without harm stops a gain is a twentieth, not 64 %."""
    rng = np.random.default_rng(5)
    names = [f"guard-{k}" for k in range(20)]
    guards = tuple(Metric(name, direction="min", tolerance=0.0) for name in names)
    n_uncorrected, n_broken, n_cases = 0, 0, 100
    for _ in range(n_cases):
        columns = rng.standard_normal((20, 6))
        proofs = [1 - non_inferiority(tuple(-column), 0.0) for column in columns]
        n_uncorrected += min(proofs) <= 0.05
        pairs = tuple(_pair(names, column) for column in columns.T)
        n_broken += check_guards(replace(CASE, guards=guards), pairs)[1] is not None
    assert n_uncorrected > 0.5 * n_cases
    assert n_broken <= 0.12 * n_cases


@pytest.mark.parametrize("tolerance", [0.0, 10.0])
def test_a_guard_may_be_looked_at_after_every_pair(tolerance: float) -> None:
    """Harm of exactly what is tolerated is "proven" in less than a twentieth of confirmations.

    With a test at 5 % after each of fifteen pairs it would be in a fifth of them.
    """
    rng = np.random.default_rng(8)
    case = replace(CASE, guards=(replace(MEMORY, tolerance=tolerance),))
    n_cases = 150
    n_broken = n_by_tests = 0
    for harms in rng.normal(tolerance, 4.0, (n_cases, 16)):
        evidence = heavy((100 + harms).tolist())
        n_broken += any(check_guards(case, evidence[:n])[1] for n in range(2, 17))
        proofs = [1 - non_inferiority(tuple(-harms[:n]), tolerance) for n in range(2, 17)]
        n_by_tests += min(proofs) <= 0.05
    assert n_broken <= 0.05 * n_cases
    assert n_by_tests > 0.12 * n_cases


def test_real_harm_is_proven_within_a_confirmation() -> None:
    rng = np.random.default_rng(9)
    case = replace(CASE, guards=(MEMORY,))
    n_broken = 0
    for harms in rng.normal(MEMORY.tolerance + 8.0, 4.0, (50, 16)):
        n_broken += check_guards(case, heavy((100 + harms).tolist()))[1] is not None
    assert n_broken >= 45


def _pair(names: Sequence[str], harms: Sequence[float]) -> Pair:
    old, new = trial("old", 2.8), trial("new", 2.45)
    measured = old.measurements[0]
    return Pair(
        incumbent=replace(
            old, measurements=tuple(replace(measured, metric=n, value=0.0) for n in names)
        ),
        challenger=replace(
            new,
            measurements=tuple(
                replace(measured, metric=n, value=float(h))
                for n, h in zip(names, harms, strict=True)
            ),
        ),
    )


@pytest.mark.parametrize(
    ("memory", "tolerance", "passes"),
    [
        (109.0, 10.0, True),
        (111.0, 10.0, True),  # beyond it, but one pair cannot tell harm from noise
        (120.0, 10.0, True),
        (120.1, 10.0, False),  # grossly beyond it
        (500.0, 0.0, True),  # no tolerance says nothing of what is gross
    ],
)
def test_the_screen_rejects_gross_harm_only(memory: float, tolerance: float, passes: bool) -> None:
    case = replace(CASE, guards=(replace(MEMORY, tolerance=tolerance),))
    verdict = GATE.screen(case, trial("old", 2.8), trial("new", 2.0, memory=memory))
    assert (verdict is None) == passes
    if verdict is not None:
        assert verdict.decision is Decision.REJECT
        assert verdict.reason == "memory is worse by 20.1 MiB on the dev pair"


def test_what_the_screen_lets_pass_the_confirmation_finds_out() -> None:
    assert GATE.screen(CASE, trial("old", 2.8), trial("new", 2.0, memory=115)) is None
    assert guarded(115, 116, 114) is None
    verdict = guarded(115, 116, 114, 115, 117, 116)
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
    assert verdict.reason == "memory is worse than its tolerance allows"


def test_salami_slices_do_not_add_up() -> None:
    """Each step costs half the tolerance against the incumbent: harmless, but not for ever."""
    baseline = {"memory": (100.0, 100.5, 99.5, 100.2)}
    wobble = (0.1, -0.2, 0.3, 0.0, -0.1, 0.2, -0.3, 0.1)
    answers = []
    for step in range(1, 6):
        before, after = 100.0 + 5 * (step - 1), 100.0 + 5 * step
        slices = heavy([after + w for w in wobble], [before + w for w in wobble])
        case = replace(CASE, pairs=slices)
        assert decision(GATE.judge(case)) is Decision.PROMOTE
        answers.append(GATE.judge(replace(case, baseline=baseline)))
    assert [decision(answer) for answer in answers] == [Decision.PROMOTE] * 2 + [
        Decision.REJECT
    ] * 3
    last = answers[-1]
    assert last is not None
    assert last.reason == "memory is worse since F0 than its tolerance allows"
    (check,) = last.guards
    assert check.harm < MEMORY.tolerance < (check.since_f0 or 0.0) < 25.0
    assert not check.holds


def test_a_baseline_leaves_out_trials_without_a_result() -> None:
    speed = Metric("loss", direction="min")
    trials = (trial("F0", 2.8, memory=100.0), trial("F0", None), trial("F0", 2.9, memory=101.0))
    absurd = trial("F0", 1.7e308, memory=102.0)
    found = baseline_of((MEMORY, speed), (*trials, absurd))
    assert found == {"memory": (100.0, 101.0), "loss": (2.8, 2.9)}
    assert baseline_of((MEMORY,), ()) == {"memory": ()}


def test_noise_since_f0_is_not_harm() -> None:
    noisy = {"memory": (60.0, 140.0, 100.0)}
    case = replace(CASE, pairs=heavy([100.0 + k for k in range(8)]))
    for baseline in (noisy, {"memory": (50.0,)}, {}):
        assert decision(GATE.judge(replace(case, baseline=baseline))) is Decision.PROMOTE


def test_the_bound_holds_against_a_look_up() -> None:
    """The same one-sided 95 % bound as the two-sided interval at 90 % has."""
    harms = (1.0, 4.0, 2.0, 7.0, 3.0)
    (check,), _ = check_guards(CASE, heavy([100 + harm for harm in harms]))
    assert check.harm == pytest.approx(mean_interval(harms, level=0.90)[1])
