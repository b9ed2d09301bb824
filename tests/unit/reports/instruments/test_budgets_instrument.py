"""What is spent: error budget and sealed looks; and whether incumbents hold up."""

from dataclasses import replace

import pytest
from made_up import a_history, a_subject

from filial.core import Decision, Judged, Verdict
from filial.gates import ConfirmationGate
from filial.reports import State
from filial.reports.check import Subject
from filial.reports.instruments import error_budget, incumbents, panel
from filial.reports.instruments.error_budget import read
from filial.stats import leak_bound

history = pytest.fixture(a_history)
subject = pytest.fixture(a_subject)


def test_spent_alpha_by_hand(subject: Subject) -> None:
    confirmations = subject.history.confirmations
    found = read(confirmations[:1], 0.10)
    assert found.spent == pytest.approx(0.0005), "omega = 0.02 of a quarter of 0.10"
    n_promoted, spent = 0, 0.0
    for verdict in confirmations:
        spent += verdict.alpha / (n_promoted + 1)
        n_promoted += verdict.decision == "PROMOTE"
    assert read(confirmations, 0.10).spent == pytest.approx(spent)
    # e-LORD leaves (1 - omega)^n of the budget, of which a quarter is there for the first gain.
    n = [verdict.decision for verdict in confirmations].index(Decision.PROMOTE) + 1
    left = 0.10 - 0.025 * (1 - 0.98**n)
    assert n < len(confirmations)
    assert spent == pytest.approx(0.10 - left * 0.98 ** (len(confirmations) - n))


def test_what_is_only_shorter_raises_nothing(subject: Subject) -> None:
    """As for the gate: only improvements make alphas larger, and what they cost smaller."""
    gate, n_shorter = ConfirmationGate(), 0
    chain: list[Verdict] = []
    for k, verdict in enumerate(subject.history.confirmations):
        is_promoted = verdict.decision is Decision.PROMOTE
        is_shorter = is_promoted and k % 2 == 0
        n_shorter += is_shorter
        margin = 0.005 if is_shorter else 0.0
        chain.append(replace(verdict, alpha=gate.alpha(tuple(chain)), margin=margin))
        found = read(chain, 0.10)
        assert found.next_e == pytest.approx(1 / gate.alpha(tuple(chain)))
        assert found.spent <= 0.10
    promoted = [v for v in chain if v.decision is Decision.PROMOTE]
    assert 0 < n_shorter < len(promoted)
    assert found.n_promoted == len(promoted)
    assert found.n_pairs == sum(len(v.comparison.differences) for v in promoted if v.comparison)
    all_shorter = [replace(v, margin=0.005, alpha=0.001) for v in chain]
    assert read(all_shorter, 0.10).spent == pytest.approx(0.001 * len(chain))
    all_gains = [replace(v, margin=0.0, alpha=0.001) for v in chain]
    assert read(all_gains, 0.10).spent < 0.001 * len(chain)


def test_the_next_evidence_is_named_before_the_first(subject: Subject) -> None:
    subject.history.confirmations.clear()
    found = error_budget(subject)
    assert found.state is State.OPEN
    assert "needs E 2,000." in found.text


def test_an_honest_study_keeps_to_its_budget(subject: Subject) -> None:
    assert error_budget(subject).state is State.HELD


def test_a_budget_that_is_overspent_fails(subject: Subject) -> None:
    history = subject.history
    history.confirmations = [replace(v, alpha=0.05) for v in history.confirmations]
    found = error_budget(subject)
    assert found.state is State.FAILED
    assert "could not be promoted by any E" in found.text


def test_a_tighter_promise_is_held_against_the_same_study(subject: Subject) -> None:
    strict = replace(subject, terms=replace(subject.terms, fdr=0.01))
    assert error_budget(strict).state is State.FAILED


def test_constructions_need_no_budget(subject: Subject) -> None:
    exact = replace(subject, terms=replace(subject.terms, judged=Judged.CONSTRUCTION))
    assert error_budget(exact).state is State.HELD


def test_items_without_end_do_not_wear_out(subject: Subject) -> None:
    assert panel(subject).state is State.HELD
    assert "without end" in panel(subject).text


@pytest.mark.parametrize(("n_items", "state"), [(1000, State.OPEN), (100_000, State.HELD)])
def test_a_panel_is_retired_when_it_may_have_leaked_too_much(
    subject: Subject, n_items: int, state: State
) -> None:
    history = subject.history
    history.audits = [replace(audit, item_variance=0.1) for audit in history.audits]
    found = panel(replace(subject, terms=replace(subject.terms, sealed_items=n_items)))
    n_looks = len(history.audits) + 1
    bound = leak_bound(n_items, n_looks, n_looks, variance=0.1, span=0.0)
    assert found.numbers["bound"] == pytest.approx(bound)
    assert found.numbers["allowed"] == pytest.approx(0.005)
    assert found.state is state
    assert ("retired" in found.remedy) == (state is State.OPEN)


def test_a_panel_nobody_has_looked_at_is_open(subject: Subject) -> None:
    subject.history.audits.clear()
    found = panel(replace(subject, terms=replace(subject.terms, sealed_items=500)))
    assert (found.state, found.numbers["bound"]) == (State.OPEN, None)


def test_an_incumbent_that_got_worse_is_named(subject: Subject) -> None:
    assert incumbents(subject).state is State.HELD
    own = (2.5, 2.51, 2.49, 2.5)
    values = list(subject.values)
    values[2] = (own, tuple(value + 0.5 for value in own))
    found = incumbents(replace(subject, values=tuple(values)))
    assert found.state is State.FAILED
    assert found.remedy.startswith("F2 ")
