"""Worlds are what they say."""

import math
from dataclasses import replace

import numpy as np
import pytest

from filial.bench.plan import MIXED_WORLD, WORLDS
from filial.bench.worlds import Law, Machine, Proposal, Proposer, World, chance, draw

PLAIN = World(name="plain", title="")


def machine(world: World) -> Machine:
    return Machine(world, chance(0, world.name, 0, 1))


@pytest.mark.parametrize("law", [Law.NORMAL, Law.CONTAMINATED_5, Law.CONTAMINATED_25])
def test_noise_has_mean_0_and_deviation_1(law: Law) -> None:
    values = draw(law, np.random.default_rng(0), 200_000)
    assert values.mean() == pytest.approx(0, abs=0.01)
    assert values.std() == pytest.approx(1, abs=0.01)


def test_the_middle_of_student_2_is_as_wide_as_the_normals() -> None:
    values = draw(Law.STUDENT_2, np.random.default_rng(0), 200_000)
    assert (np.abs(values) < 1).mean() == pytest.approx(0.6827, abs=0.005)
    assert (np.abs(values) > 5).mean() > 0.01


@pytest.mark.parametrize(
    ("law", "share"), [(Law.CONTAMINATED_5, 0.05), (Law.CONTAMINATED_25, 0.25)]
)
def test_contamination_is_rare_failures_far_below_the_rest(law: Law, share: float) -> None:
    values = draw(law, np.random.default_rng(0), 100_000)
    gap = 0.42 / math.hypot(0.02, 0.42 * math.sqrt(share * (1 - share)))
    is_failure = values < values.max() - gap / 2
    assert is_failure.mean() == pytest.approx(share, abs=0.005)
    assert values[~is_failure].mean() - values[is_failure].mean() == pytest.approx(gap, abs=0.05)


@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_a_difference_within_a_pair_has_deviation_1(shared: float) -> None:
    world = replace(PLAIN, shared=shared)
    before, after = machine(world).pairs(0.5, 50_000)
    assert (after - before).std() == pytest.approx(1, abs=0.02)
    assert (after - before).mean() == pytest.approx(0.5, abs=0.02)
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(shared, abs=0.02)


def test_dependent_builds_correlate_with_the_one_before() -> None:
    values = machine(replace(PLAIN, dependence=0.5)).builds(0.0, np.zeros(50_000))
    assert np.corrcoef(values[:-1], values[1:])[0, 1] == pytest.approx(0.5, abs=0.02)
    assert values.var() == pytest.approx(0.5, abs=0.02)


def test_the_machine_drifts_for_all_alike() -> None:
    """After a thousand builds by 1 sigma on average; within a pair by next to nothing."""
    world = replace(PLAIN, drift=1.0, n_candidates=50)
    moved, between = [], []
    for repeat in range(200):
        drifting = Machine(world, chance(0, "drift", repeat, 1))
        early, _ = drifting.pairs(0.0, 100)
        drifting.count(1000)
        before, after = drifting.pairs(0.0, 100)
        moved.append(before.mean() - early.mean())
        between.append((after - before).mean())
    assert np.std(moved) == pytest.approx(1, abs=0.15)
    assert np.std(between) == pytest.approx(0.1, abs=0.02)  # of their own noise


def test_builds_are_counted_as_they_are_used() -> None:
    plain = machine(PLAIN)
    plain.builds(0.0, plain.luck(3))
    plain.first(Proposal(0.0, 0.0))
    plain.pairs(0.0, 16)
    plain.count(4)
    assert plain.n_builds == 8


def test_a_first_build_is_quality_effect_noise_and_the_seeds_luck() -> None:
    plain = machine(PLAIN)
    plain.quality = 3.0
    assert plain.first(Proposal(2.0, 1.0), 0.25) == pytest.approx(5.25 + math.sqrt(0.5))


def test_shares_of_effects() -> None:
    world = replace(MIXED_WORLD, n_candidates=20_000)
    proposer = Proposer(world, chance(0, "mixed", 0, 0))
    effects = [proposer.propose().effect for _ in range(20_000)]
    for share, effect in world.mix:
        assert effects.count(effect) / 20_000 == pytest.approx(share, abs=0.01)


def test_who_learns_nothing_proposes_the_same_whatever_comes_of_it() -> None:
    streams = []
    for promoted in (False, True):
        proposer = Proposer(PLAIN, chance(0, "plain", 0, 0))
        stream = []
        for _ in range(50):
            stream.append(proposer.propose())
            proposer.learn(stream[-1], looked_good=promoted, promoted=promoted)
        streams.append(stream)
    assert streams[0] == streams[1]


def test_who_learns_brings_back_what_looked_good_with_its_luck() -> None:
    world = replace(PLAIN, returning=1.0)
    proposer = Proposer(world, chance(0, "plain", 0, 0))
    lucky = Proposal(-1.0, 4.0)
    proposer.learn(Proposal(2.0, 0.0), looked_good=False, promoted=False)
    proposer.learn(lucky, looked_good=True, promoted=False)
    again = [proposer.propose() for _ in range(200)]
    assert {proposal.effect for proposal in again} == {-1.0}
    assert np.mean([p.noise for p in again]) == pytest.approx(4 * math.sqrt(0.9), abs=0.1)


def test_who_learns_refines_what_was_promoted_and_forgets_the_rest() -> None:
    world = replace(PLAIN, returning=1.0)
    proposer = Proposer(world, chance(0, "plain", 0, 0))
    proposer.learn(Proposal(-1.0, 4.0), looked_good=True, promoted=False)
    proposer.learn(Proposal(2.0, 0.0), looked_good=True, promoted=True)
    effects = [proposer.propose().effect for _ in range(1000)]
    assert set(effects) == {0.0, 1.0}
    assert effects.count(1.0) / 1000 == pytest.approx(0.1, abs=0.03)


def test_worlds_have_names_of_their_own_and_shares_that_add_up() -> None:
    assert len({world.name for world in WORLDS}) == len(WORLDS)
    for world in WORLDS:
        assert math.fsum(share for share, _ in world.mix) == pytest.approx(1)
