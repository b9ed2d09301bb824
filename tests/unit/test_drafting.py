"""From "what next?" to a tree that deserves a trial."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from filial.ahead import Ahead
from filial.archives import IncumbentArchive
from filial.briefing import Briefing
from filial.core import (
    Arm,
    Body,
    Brief,
    Candidate,
    Decision,
    Edit,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Metric,
    Patch,
    Prediction,
    Promoted,
    Proposal,
    Proposed,
    Seeds,
    Spend,
    Verdict,
    VerdictReached,
)
from filial.drafting import Drafting, introduce
from filial.proposers import Proposer
from filial.testing.proposer import ScriptedProposer
from filial.workspace import Rules, Workspace

RULES = Rules(surfaces={"program": ("answer.py",)})
METRIC = Metric("accuracy")


def edit(text: str | None, path: str = "answer.py") -> Proposal:
    patch = Patch(edits=(Edit(path=path, text=text),))
    stated = Prediction(metric="accuracy", effect=0.1)
    return Proposal(
        hypothesis=f"write {text!r}", predicted=stated, patch=patch, spend=Spend(tokens=3)
    )


class Asked:
    """Remembers what it was asked, and says what it was told to say."""

    name = "asked"

    def __init__(self, *answers: Proposal | None) -> None:
        self._answers = answers
        self.briefs: list[Brief] = []

    def propose(self, brief: Brief) -> Proposal | None:
        self.briefs.append(brief)
        return self._answers[brief.index] if brief.index < len(self._answers) else None


class Bench:
    """A study whose initial code is one line."""

    def __init__(self, folder: Path) -> None:
        (folder / "code").mkdir()
        (folder / "code" / "answer.py").write_text("x = 0\n")
        (folder / "code" / "fixed.py").write_text("y = 0\n")
        self.workspace = Workspace(folder / "lineage.git")
        self.f0 = self.workspace.import_tree(folder / "code", rules=RULES)
        self.history = History()
        initial = Candidate(
            id=self.f0, index=-1, parent="", proposer="user", arm=Arm.TREATMENT, hypothesis="first"
        )
        self.take(introduce(initial), self.generation(0, self.f0))

    @staticmethod
    def generation(number: int, tree: str) -> Promoted:
        made = Generation(number=number, candidate=tree, commit="")
        return Promoted(generation=made, hypothesis="")

    def take(self, *bodies: Body) -> None:
        for body in bodies:
            self.history.apply(body)

    def drafting(
        self,
        shares: Mapping[str, float] | None = None,
        ahead: Ahead | None = None,
        rules: Rules = RULES,
        **proposers: Proposer,
    ) -> Drafting:
        return Drafting(
            briefing=Briefing(
                goal="be better",
                metric=METRIC,
                rules=rules,
                parts={"answer.py": "# parts\n"},
                workspace=self.workspace,
            ),
            rules=rules,
            proposers=proposers,
            shares=shares or dict.fromkeys(proposers, 1.0),
            archive=IncumbentArchive(),
            workspace=self.workspace,
            seeds=Seeds(b"s" * 32),
            retries=None,
            ahead=ahead or Ahead(frozenset(), 0, lambda: None),
        )

    def draft_all(self, drafting: Drafting, n_most: int = 99) -> list[Proposed]:
        made: list[Proposed] = []
        while len(made) < n_most and (proposed := drafting.draft(self.history)) is not None:
            self.take(proposed)
            made.append(proposed)
        return made


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_proposal_becomes_a_candidate(bench: Bench) -> None:
    (made,) = bench.draft_all(bench.drafting(operators=ScriptedProposer([edit("x = 1\n")])))
    assert made.candidate is not None
    assert dict(bench.workspace.read(made.candidate.id)) == {
        "answer.py": "x = 1\n",
        "fixed.py": "y = 0\n",
    }
    assert made == Proposed(
        index=0,
        proposer="operators",
        arm=Arm.TREATMENT,
        parent=bench.f0,
        hypothesis="write 'x = 1\\n'",
        candidate=Candidate(
            id=made.candidate.id,
            index=0,
            parent=bench.f0,
            proposer="operators",
            arm=Arm.TREATMENT,
            hypothesis="write 'x = 1\\n'",
            predicted=Prediction(metric="accuracy", effect=0.1),
            n_tokens=3,  # of answer.py; no surface holds the other file
        ),
        spend=Spend(tokens=3),
    )


@pytest.mark.parametrize(
    ("proposal", "kind"),
    [
        (edit("y = 1\n", "fixed.py"), FailureKind.PROTECTED),
        (edit("y = 1\n", "../answer.py"), FailureKind.UNSAFE),
        (edit("x = (\n"), FailureKind.SYNTAX),
        (edit("x = 0\n"), FailureKind.DUPLICATE),
        (Proposal(hypothesis="", failure=Failure(kind=FailureKind.MALFORMED)), "malformed"),
    ],
)
def test_an_unusable_proposal_is_on_record_with_its_reason(
    bench: Bench, proposal: Proposal, kind: FailureKind
) -> None:
    (made,) = bench.draft_all(bench.drafting(operators=ScriptedProposer([proposal])))
    assert made.candidate is None
    assert made.failure is not None
    assert made.failure.kind == kind
    assert made.spend == proposal.spend


def test_the_same_tree_twice_is_a_duplicate(bench: Bench) -> None:
    twice = ScriptedProposer([edit("x = 1\n"), edit("x = 1\n")])
    first, second = bench.draft_all(bench.drafting(operators=twice))
    assert first.candidate is not None
    assert second.failure is not None
    assert second.failure.kind is FailureKind.DUPLICATE


def test_what_a_proposer_is_told(bench: Bench) -> None:
    asked = Asked(edit("x = 1\n"), edit("x = 2\n"))
    bench.draft_all(bench.drafting(operators=asked))
    first, second, _ = asked.briefs
    assert (first.index, second.index) == (0, 1)
    assert first.seed == Seeds(b"s" * 32).of("proposal", 0)
    assert second.seed == Seeds(b"s" * 32).of("proposal", 1)
    assert (first.goal, first.metric) == ("be better", METRIC)
    assert dict(first.surfaces) == {"program": ("answer.py",)}
    assert dict(first.files) == {"answer.py": "x = 0\n", "fixed.py": "y = 0\n"}
    assert first.parts == {"answer.py": "# parts\n"}
    assert first.donors == ()


def survive(bench: Bench, made: Sequence[Proposed]) -> None:
    for one in made:
        assert one.candidate is not None
        verdict = Verdict(
            candidate=one.candidate.id,
            incumbent=bench.f0,
            decision=Decision.UNDECIDED,
            judged=Judged.RECIPE,
            reason="",
            policy="",
            alpha=0.01,
        )
        bench.take(VerdictReached(verdict=verdict, arm=one.arm))


def test_donors_are_the_newest_survivors_but_the_parent(bench: Bench) -> None:
    asked = Asked(*(edit(f"x = {n}\n") for n in range(1, 8)))
    drafting = bench.drafting(operators=asked)
    made = bench.draft_all(drafting, 6)
    survive(bench, made)
    parent = made[5].candidate
    assert parent is not None
    bench.take(bench.generation(1, parent.id))
    bench.draft_all(drafting, 1)
    texts = [donor["answer.py"] for donor in asked.briefs[-1].donors]
    assert texts == ["x = 5\n", "x = 4\n", "x = 3\n"]
    assert asked.briefs[-1].files["answer.py"] == "x = 6\n"


def test_arms_have_their_own_parents(bench: Bench) -> None:
    same = [edit(f"x = {n}\n") for n in range(1, 40)]
    proposers: dict[str, Proposer] = {
        name: Asked(*same) for name in ("operators", "placebo", "control")
    }
    drafting = bench.drafting(None, None, RULES, **proposers)
    (first,) = bench.draft_all(drafting, 1)
    assert first.candidate is not None
    bench.take(bench.generation(1, first.candidate.id))
    made = bench.draft_all(drafting, 30)
    assert {one.proposer: one.arm for one in made} == {
        "operators": Arm.TREATMENT,
        "placebo": Arm.PLACEBO,
        "control": Arm.CONTROL,
    }
    for one in made:
        parent = bench.f0 if one.arm is Arm.CONTROL else first.candidate.id
        assert one.parent == parent
        assert one.candidate is not None
        assert one.candidate.arm is one.arm


def test_who_has_nothing_to_say_is_passed_over(bench: Bench) -> None:
    some = ScriptedProposer([edit(f"x = {n}\n") for n in range(1, 11)])
    silent = ScriptedProposer([])
    made = bench.draft_all(
        bench.drafting({"operators": 0.01, "replay": 0.99}, operators=some, replay=silent)
    )
    assert [one.proposer for one in made] == ["operators"] * 10


def test_nobody_has_anything_to_say(bench: Bench) -> None:
    silent = ScriptedProposer([])
    assert bench.draft_all(bench.drafting(operators=silent, replay=silent)) == []


def test_placebo_and_control_alone_do_not_go_on(bench: Bench) -> None:
    many = ScriptedProposer([edit(f"x = {n}\n") for n in range(1, 100)])
    some = ScriptedProposer([edit(f"x = {n}\n") for n in range(1, 6)])
    made = bench.draft_all(bench.drafting(operators=some, placebo=many, control=many))
    assert 1 <= len(made) < 99
    after = len(made)
    assert all(one.index < after for one in made)
    assert after >= 5


def test_silence_about_one_brief_says_nothing_about_the_next(bench: Bench) -> None:
    """A run that stopped in between would ask again, so one that did not must ask, too."""
    now_and_then = [edit(f"x = {n}\n") if n % 2 else None for n in range(20)]
    always = [edit(f"x = {n + 100}\n") for n in range(20)]

    def drafting() -> Drafting:
        return bench.drafting(
            {"operators": 0.9, "replay": 0.1},
            operators=ScriptedProposer(now_and_then),
            replay=ScriptedProposer(always),
        )

    undisturbed = bench.draft_all(drafting(), 20)
    assert len({one.proposer for one in undisturbed[10:]}) == 2
    for n in range(20):
        history = History()
        told: list[Body] = [introduce_f0(bench), bench.generation(0, bench.f0)]
        for body in [*told, *undisturbed[:n]]:
            history.apply(body)
        assert drafting().draft(history) == undisturbed[n]


def introduce_f0(bench: Bench) -> Proposed:
    return introduce(bench.history.standings[bench.f0].candidate)
