"""Which seeds a trial runs on."""

from dataclasses import replace

import pytest

from filial.core import Judged, Seeds, Split, TrialSpec
from filial.schedule import Schedule

A, B = "a" * 40, "b" * 40


def schedule(judged: Judged = Judged.RECIPE) -> Schedule:
    return Schedule(Seeds(b"s" * 32), judged)


def every_spec(judged: Judged) -> list[TrialSpec]:
    made = schedule(judged)
    specs = []
    for k in range(5):
        for candidate in (A, B):
            specs += [
                made.dev(candidate, k),
                made.confirm(candidate, A, k),
                made.confirm(candidate, B, k),
                made.sealed(candidate, 0, k),
                made.sealed(candidate, 1, k),
            ]
    return specs


def test_labels_and_splits() -> None:
    made = schedule()
    assert (made.dev(A, 3).label, made.dev(A, 3).split) == ("dev/3", Split.DEV)
    confirm = made.confirm(A, B, 3)
    assert (confirm.label, confirm.split) == (f"confirm/{'b' * 12}/3", Split.CONFIRM)
    assert confirm.candidate == A
    sealed = made.sealed(A, 2, 3)
    assert (sealed.label, sealed.split) == ("sealed/2/3", Split.SEALED)


def test_a_recipe_proves_itself_on_fresh_builds_shared_by_both_arms() -> None:
    specs = every_spec(Judged.RECIPE)
    for one, other in ((s, t) for s in specs for t in specs):
        is_pair = one.label == other.label
        assert (one.build_seed == other.build_seed) == is_pair
        assert (one.exam_seed == other.exam_seed) == is_pair
    assert all(spec.build_seed != spec.exam_seed for spec in specs)


@pytest.mark.parametrize("judged", [Judged.ARTIFACT, Judged.CONSTRUCTION])
def test_an_artifact_has_one_build_whatever_the_exam(judged: Judged) -> None:
    specs = every_spec(judged)
    for one, other in ((s, t) for s in specs for t in specs):
        assert (one.build_seed == other.build_seed) == (one.candidate == other.candidate)
        assert (one.exam_seed == other.exam_seed) == (one.label == other.label)


@pytest.mark.parametrize("judged", Judged)
def test_a_fraction_of_a_dev_trial_has_its_seeds_and_a_label_of_its_own(judged: Judged) -> None:
    made = schedule(judged)
    whole, short = made.dev(A, 3), made.dev(A, 3, 0.4)
    assert (whole.fraction, short.fraction, short.label) == (1.0, 0.4, "dev/3@0.4")
    assert replace(short, fraction=1.0, label="dev/3") == whole == made.dev(A, 3, 1.0)


def test_lots_are_even_and_secret() -> None:
    names = [f"{n:040x}" for n in range(4000)]
    lots = [schedule().lot(name) for name in names]
    assert lots == [schedule().lot(name) for name in names]
    assert 0 <= min(lots) < max(lots) <= 1
    for share in (0.05, 0.5):  # 4 standard deviations
        n_drawn = sum(lot < share for lot in lots)
        assert abs(n_drawn - share * 4000) < 4 * (4000 * share * (1 - share)) ** 0.5
    other = Schedule(Seeds(b"t" * 32), Judged.RECIPE)
    assert not set(lots) & {other.lot(name) for name in names}


@pytest.mark.parametrize("judged", Judged)
def test_a_replication_is_built_from_source_and_on_fresh_items(judged: Judged) -> None:
    made = schedule(judged)
    again = [made.replicate(A, k) for k in range(2)]
    assert [spec.label for spec in again] == [f"replicate/{'a' * 12}/{k}" for k in range(2)]
    assert all(spec.afresh and spec.split is Split.CONFIRM for spec in again)
    assert {spec.candidate for spec in again} == {A}
    others = every_spec(judged)
    assert not any(spec.afresh for spec in others)
    assert not {spec.exam_seed for spec in again} & {spec.exam_seed for spec in others}
    build_seeds = {spec.build_seed for spec in again}
    if judged is Judged.RECIPE:
        assert len(build_seeds) == 2
        assert not build_seeds & {spec.build_seed for spec in others}
    else:
        assert build_seeds == {made.dev(A, 0).build_seed}
