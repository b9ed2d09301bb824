"""What the next proposer is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from filial.briefing import Briefing, evidence_of, remaining
from filial.core import (
    Arm,
    Budget,
    Candidate,
    Comparison,
    Decision,
    Evidence,
    Failure,
    FailureKind,
    Generation,
    History,
    Incident,
    Judged,
    Promoted,
    Proposed,
    Remaining,
    Spend,
    Verdict,
    VerdictReached,
)
from filial.proposers.brief_text import render
from filial.testing.told import TOLD, TOLD_GUARD, Told
from filial.workspace import Rules, Workspace

RULES = Rules(surfaces={"program": ("answer.py",)})


@pytest.fixture
def briefing(tmp_path: Path) -> Briefing:
    return Briefing(
        goal="be better",
        metric=TOLD,
        guards=(TOLD_GUARD,),
        budget=Budget(trials=100),
        rules=RULES,
        parts={"answer.py": "# parts\n"},
        workspace=Workspace(tmp_path / "lineage.git"),
    )


def tree(briefing: Briefing, folder: Path, text: str) -> str:
    code = folder / "code"
    code.mkdir(exist_ok=True)
    (code / "answer.py").write_text(text)
    (code / "fixed.py").write_text("y = 0\n")
    return briefing.workspace.import_tree(code, rules=RULES)


def proposed(history: History, candidate: str, parent: str = "") -> None:
    index = len(history.standings) - 1
    made = Candidate(
        id=candidate, index=index, parent=parent, proposer="p", arm=Arm.TREATMENT, hypothesis="h"
    )
    history.apply(
        Proposed(
            index=index,
            proposer="p",
            arm=made.arm,
            parent=parent,
            hypothesis="h",
            candidate=made,
        )
    )


def study(briefing: Briefing, folder: Path) -> tuple[History, str, str]:
    """A history in which one candidate was confirmed in vain, the initial code, and that one."""
    history = History()
    first, second = (tree(briefing, folder, text) for text in ("x = 0\n", "x = 1\n"))
    proposed(history, first)
    history.apply(
        Promoted(generation=Generation(number=0, candidate=first, commit=""), hypothesis="h")
    )
    proposed(history, second, first)
    verdict = Verdict(
        candidate=second,
        incumbent=first,
        decision=Decision.REJECT,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=0.01,
    )
    history.apply(VerdictReached(verdict=verdict, arm=Arm.TREATMENT))
    return history, first, second


def test_a_brief_says_all_that_it_is_about(briefing: Briefing, tmp_path: Path) -> None:
    history, first, _ = study(briefing, tmp_path)
    brief = briefing.brief(1, 7, first, Arm.TREATMENT, history)
    assert (brief.index, brief.seed, brief.goal, brief.metric) == (1, 7, "be better", TOLD)
    assert brief.surfaces == {"program": ("answer.py",)}
    assert brief.files == {"answer.py": "x = 0\n", "fixed.py": "y = 0\n"}
    assert brief.parts == {"answer.py": "# parts\n"}
    assert [donor["answer.py"] for donor in brief.donors] == ["x = 1\n"]
    assert brief.guards == (TOLD_GUARD,)
    assert [one.index for one in brief.evidence.tried] == [0]
    assert brief.evidence.remaining == (Remaining(resource="trials", ceiling=100.0, share=1.0),)


def test_a_parent_is_no_donor_nor_is_who_broke_the_rules(
    briefing: Briefing, tmp_path: Path
) -> None:
    history, first, second = study(briefing, tmp_path)
    assert briefing.brief(1, 7, second, Arm.TREATMENT, history).donors == ()
    history.apply(Incident(number=1, candidate=second, label="", detail=""))
    assert briefing.brief(1, 7, first, Arm.TREATMENT, history).donors == ()


@pytest.mark.parametrize("arm", [Arm.PLACEBO, Arm.CONTROL, Arm.CANARY])
def test_evidence_is_for_the_treatment_arm(briefing: Briefing, tmp_path: Path, arm: Arm) -> None:
    history, first, _ = study(briefing, tmp_path)
    assert briefing.brief(1, 7, first, arm, history).evidence == Evidence()


def test_what_is_left_is_told_in_twentieths() -> None:
    budget = Budget(cpu_s=7200.0, trials=1000, usd=5.0, tokens=0, sealed_looks=9)
    spent = Spend(cpu_s=9000.0, trials=137, sealed_looks=3)
    assert remaining(budget, spent) == (
        Remaining(resource="cpu_s", ceiling=7200.0, share=0.0),
        Remaining(resource="tokens", ceiling=0.0, share=0.0),
        Remaining(resource="usd", ceiling=5.0, share=1.0),
        Remaining(resource="trials", ceiling=1000.0, share=0.85),
    )


def test_the_pairs_of_one_confirmation_do_not_show_in_what_is_left() -> None:
    budget = Budget(trials=10_000)
    few, many = Spend(trials=4_010), Spend(trials=4_040)
    assert remaining(budget, few) == remaining(budget, many)


def test_no_secret_number_is_in_the_text(briefing: Briefing, tmp_path: Path) -> None:
    """Values, evidence and words of a confirmation, an audit and a person: none of them shows."""
    told = Told()
    winner = told.proposed("promoted idea", predicted=0.1)
    told.dev(winner, 0.1)
    told.confirm(winner, 777.7717)
    comparison = Comparison(
        metric=TOLD.name,
        differences=(0.61817, 0.62819),
        estimate=0.57721,
        lower=0.30103,
        upper=0.91596,
        e_value=31337.0,
    )
    told.verdict(
        winner,
        Decision.PROMOTE,
        alpha=0.016449,
        reason="E = 31337 after 5 pairs",
        comparison=comparison,
    )
    told.approval(winner, granted=True)
    told.promoted(winner)
    loser = told.proposed("failing idea")
    told.dev(loser, 0.1)
    detail = "KeyError: 'item 4711'"
    told.confirm(loser, failure=Failure(kind=FailureKind.CRASH, detail=detail))
    told.verdict(loser, Decision.REJECT, alpha=0.016449, reason=f"crash: {detail}")
    nearly = told.proposed("near idea")
    told.dev(nearly, 0.1)
    told.confirm(nearly, 888.8818)
    told.verdict(nearly, Decision.UNDECIDED, alpha=0.016449, reason="not enough evidence")
    history, first, _ = study(briefing, tmp_path)
    brief = briefing.brief(1, 7, first, Arm.TREATMENT, history)
    found = evidence_of(told.history, "f0", TOLD, (TOLD_GUARD,))
    text = render(replace(brief, evidence=found))
    assert "promoted idea" in text
    assert text.count("not confirmed on fresh evidence") == 3  # in the count and twice in lines
    secrets = "777 888 618 628 577 0.58 301 0.3 916 0.92 313 0164 0.016 4711 crash undecided"
    for secret in [*secrets.split(), "enough evidence", "inkling", "pairs"]:
        assert secret not in text, secret
