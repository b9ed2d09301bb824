"""Treatment against control for the same money."""

import pytest

from filial.core import (
    Arm,
    Body,
    Candidate,
    Generation,
    History,
    Measurement,
    Metric,
    Promoted,
    Proposed,
    Spend,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.reports import charts
from filial.reports.numbers import Scale
from filial.reports.race import race, race_text

SCORE = Metric("score", smallest_effect=0.1)
SCALE = Scale(unit="", decimals=1)


def proposed(name: str, index: int, arm: Arm = Arm.TREATMENT) -> Proposed:
    about = Candidate(id=name * 40, index=index, parent="", proposer="p", arm=arm, hypothesis="h")
    return Proposed(index=index, proposer="p", arm=arm, parent="", hypothesis="h", candidate=about)


def ran(name: str, label: str, value: float, cpu_s: float = 0.0) -> TrialFinished:
    split = Split.DEV if label.startswith("dev") else Split.CONFIRM
    spec = TrialSpec(candidate=name * 40, split=split, build_seed=0, exam_seed=0, label=label)
    measured = (Measurement(metric="score", value=value),)
    spend = Spend(cpu_s=cpu_s)
    return TrialFinished(trial=Trial(spec=spec, level="L3", measurements=measured, spend=spend))


def history(*bodies: Body) -> History:
    state = History()
    state.apply(proposed("f", -1))
    state.apply(
        Promoted(generation=Generation(number=0, candidate="f" * 40, commit=""), hypothesis="")
    )
    for body in bodies:
        state.apply(body)
    return state


def test_both_lines_end_where_the_smaller_arms_money_ends() -> None:
    state = history(
        ran("f", "dev/0", 1.0),
        proposed("a", 0),
        ran("a", "dev/0", 2.0),
        ran("f", f"confirm/{'a' * 12}/0", 1.0),  # the incumbent's half is the challenger's cost
        ran("a", f"confirm/{'a' * 12}/0", 2.0),
        ran("a", f"replicate/{'a' * 12}/0", 2.0),
        proposed("b", 1),
        ran("b", "dev/0", 9.0),
        proposed("c", 2, Arm.CONTROL),
        *(ran("c", f"dev/{k}", 1.5 if k == 0 else 0.0) for k in range(4)),
    )
    found = race(state, SCORE)
    assert found is not None
    assert (found.unit, found.cost) == ("trials", 4.0)
    assert found.lines[Arm.TREATMENT] == ((0.0, 1.0), (4.0, 2.0)), "the fifth trial came later"
    assert found.best == {Arm.TREATMENT: 2.0, Arm.CONTROL: 1.5}
    assert found.lead == 0.5
    assert race_text(found, SCORE, SCALE).startswith("Both lines end at 4 trials")


def test_cpu_time_counts_where_both_arms_used_it() -> None:
    state = history(
        ran("f", "dev/0", 1.0, 50.0),
        proposed("a", 0),
        ran("a", "dev/0", 2.0, 7200.0),
        proposed("c", 1, Arm.CONTROL),
        ran("c", "dev/0", 3.0, 3600.0),
    )
    found = race(state, SCORE)
    assert found is not None
    assert (found.unit, found.cost, found.spend) == ("CPU-minutes", 60.0, "1 h CPU")
    assert found.spent == {Arm.TREATMENT: 120.0, Arm.CONTROL: 60.0}
    assert found.within == {Arm.TREATMENT: frozenset(), Arm.CONTROL: frozenset({"c" * 40})}
    assert found.lead == -2.0, "the treatment arm was not through with its first candidate"


@pytest.mark.parametrize(
    ("cpu_s", "unit", "cost"),
    [
        (0.9, "CPU-seconds", 0.9),
        (119.0, "CPU-seconds", 119.0),
        (120.0, "CPU-minutes", 2.0),
        (7200.0, "CPU-hours", 2.0),
    ],
)
def test_cost_is_counted_in_a_unit_of_its_size(cpu_s: float, unit: str, cost: float) -> None:
    state = history(
        ran("f", "dev/0", 1.0),
        proposed("a", 0),
        ran("a", "dev/0", 2.0, cpu_s),
        proposed("c", 1, Arm.CONTROL),
        ran("c", "dev/0", 3.0, cpu_s),
    )
    found = race(state, SCORE)
    assert found is not None
    assert (found.unit, found.cost) == (unit, cost)
    assert found.lines[Arm.CONTROL][-1] == (cost, 3.0)
    layout = charts.race(found).figure["layout"]
    assert isinstance(layout, dict)
    assert layout["xaxis"]["title"]["text"] == f"{unit} spent by the arm"


def test_arms_that_ran_no_trial_run_no_race() -> None:
    state = history(ran("f", "dev/0", 1.0), proposed("a", 0), proposed("c", 1, Arm.CONTROL))
    assert race(state, SCORE) is None


def test_one_arm_alone_runs_no_race() -> None:
    state = history(ran("f", "dev/0", 1.0), proposed("a", 0), ran("a", "dev/0", 2.0))
    assert race(state, SCORE) is None
    assert race(History(), SCORE) is None
    assert "nothing to compare" in race_text(None, SCORE, SCALE)


def test_arms_whose_lines_do_not_meet_run_no_race() -> None:
    state = history(
        proposed("a", 0),
        *(ran("a", f"dev/{k}", 2.0) for k in range(5)),
        proposed("b", 1),
        ran("b", "dev/0", 2.5),
        proposed("c", 2, Arm.CONTROL),
        ran("c", "dev/0", 3.0),
        proposed("d", 3, Arm.CONTROL),
        ran("d", "dev/0", 3.0),
    )
    assert race(state, SCORE) is None, "without F0's value no line begins at no cost"
