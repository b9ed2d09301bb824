"""Which seeds a trial runs on."""

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
