"""The panel as a whole: one read model, several ways to show it."""

import io
import json
import math
from dataclasses import replace

import pytest
from rich.console import Console

from filial.core import Arm, Decision, History, Incident, RunStarted
from filial.reports import State, Terms, Trust, as_json, assess, status, summarise
from filial.reports.check import Weight
from filial.reports.html import render
from filial.testing.histories import EXAMPLE_BUDGET, EXAMPLE_PRIMARY, example_history

ESSENTIAL = ["noise", "placebos", "canaries", "claims"]


@pytest.fixture
def history() -> History:
    return example_history(400, 3)


def trust_of(history: History) -> Trust:
    return assess(history, EXAMPLE_PRIMARY, Terms())


def test_yes_takes_everything_essential_and_nothing_failed(history: History) -> None:
    trust = trust_of(history)
    assert [check.key for check in trust.checks if check.is_essential] == ESSENTIAL
    assert (trust.answer, trust.state) == ("yes", State.HELD)
    assert trust.line == "yes: 10 of 11 checks hold, none failed"


def test_what_parts_are_worth_says_nothing_about_gains(history: History) -> None:
    """A model that is no better than chance, or screens that are too strict: gains stay gains."""
    trust = trust_of(history)
    about_worth = [check.key for check in trust.checks if check.is_about_worth]
    assert sorted(about_worth) == ["control", "screens"]
    failed = Trust(
        checks=tuple(
            replace(check, state=State.FAILED) if check.is_about_worth else check
            for check in trust.checks
        )
    )
    assert failed.failed == ()
    assert (failed.answer, failed.state) == ("yes", State.HELD)
    held = sum(check.state is State.HELD for check in failed.checks)
    titles = ", ".join(c.title.lower() for c in failed.checks if c.is_about_worth)
    assert failed.line == (
        f"yes: {held} of 11 checks hold; failed, but no gain hangs on it: {titles}"
    )


def test_what_is_not_worth_its_cost_shows_beside_any_answer(history: History) -> None:
    """A headline that names only what is missing would hide what has failed."""
    few = trust_of(example_history(30, 3))
    assert few.worthless == ()
    for key, answer in (("", "not yet: too little on"), ("isolation", "no: failed isolation")):
        spoiled = {"control", key}
        trust = Trust(
            checks=tuple(
                replace(c, state=State.FAILED) if c.key in spoiled else c for c in few.checks
            )
        )
        assert trust.line.startswith(answer)
        assert trust.line.endswith("; failed, but no gain hangs on it: against no intelligence")


def test_checks_are_grouped_by_what_hangs_on_them(history: History) -> None:
    trust = trust_of(history)
    groups = {weight: [c.key for c in checks] for weight, checks in trust.groups}
    assert groups[Weight.ESSENTIAL] == ESSENTIAL
    assert sorted(groups[Weight.WORTH]) == ["control", "screens"]
    assert sum(map(len, groups.values())) == len(trust.checks)
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY, Terms()))
    shown = console.export_text().split("Can I trust this study?")[1]
    page = render(history, budget=EXAMPLE_BUDGET, primary=EXAMPLE_PRIMARY, diffs={})
    for text in (shown, page.split('id="trust"')[1]):
        places = [text.index(str(weight)) for weight in Weight]
        assert places == sorted(places)
        assert text.index("Against no") > places[-1]
        assert places[0] < text.index("Placebos") < places[1]


@pytest.mark.parametrize("key", ["noise", "placebos", "claims", "isolation", "selection"])
def test_whatever_is_about_gains_makes_the_answer_no(history: History, key: str) -> None:
    checks = trust_of(history).checks
    assert key in {check.key for check in checks}
    failed = Trust(
        checks=tuple(replace(c, state=State.FAILED) if c.key == key else c for c in checks)
    )
    assert failed.answer == "no"


def test_what_is_missing_is_named() -> None:
    trust = trust_of(example_history(30, 3))
    assert trust.state is State.OPEN
    assert trust.line.startswith("not yet: too little on placebos, canaries and tripwires")


def test_one_failed_check_outweighs_all_others(history: History) -> None:
    number = len(history.incidents) + 1
    culprit = history.generations[1].candidate
    history.apply(
        Incident(number=number, candidate=culprit, label="", detail="it fell short", voids=False)
    )
    trust = trust_of(history)
    assert trust.line == "no: failed canaries and tripwires"
    assert trust.answer == "no"


def test_an_empty_study_is_not_trusted_and_breaks_nothing() -> None:
    trust = trust_of(History())
    assert trust.answer == "not yet"
    assert {check.state for check in trust.checks} == {State.OPEN, State.HELD}
    assert [check.key for check in trust.checks if check.state is State.HELD] == ["panel"]


def test_what_fails_says_what_to_do(history: History) -> None:
    reached = next(r for r in history.verdicts if r.arm is Arm.PLACEBO)
    history.apply(replace(reached, verdict=replace(reached.verdict, decision=Decision.PROMOTE)))
    for check in trust_of(history).failed:
        assert check.remedy.endswith(".")


def test_a_terminal_shows_every_check_in_words(history: History) -> None:
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY, Terms()))
    shown = console.export_text()
    trust = trust_of(history)
    assert trust.line in shown
    for check in trust.checks:
        assert check.title.split()[0] in shown
    assert shown.count("holds  ") == 10
    assert max(map(len, shown.splitlines())) == 100


def test_json_has_the_same_answers_and_finite_numbers(history: History) -> None:
    trust = trust_of(history)
    record = json.loads(as_json(summarise(history, EXAMPLE_PRIMARY), trust))["trust"]
    assert [c["state"] for c in record["checks"]] == [str(c.state) for c in trust.checks]
    for check in record["checks"]:
        assert all(n is None or math.isfinite(n) for n in check["numbers"].values())
    assert record["checks"][0]["numbers"]["n_values"] == 8


def test_without_isolation_there_is_no_trust() -> None:
    history = History()
    history.apply(RunStarted(workers=1, level="L1"))
    (check,) = [c for c in trust_of(history).checks if c.key == "isolation"]
    assert check.state is State.FAILED
    assert "no isolation" in check.text
