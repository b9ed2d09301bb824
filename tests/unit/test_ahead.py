"""Proposals that are written before their turn, and models that do not answer."""

from collections.abc import Sequence
from pathlib import Path
from threading import Barrier, Event

import pytest
from test_drafting import Asked, Bench, edit

from filial.ahead import Ahead
from filial.core import (
    Arm,
    Brief,
    Failure,
    FailureKind,
    Proposal,
    Proposed,
    Spend,
)
from filial.errors import Stopped
from filial.workspace import Rules

SLOW = frozenset({"api"})
BOTH = Rules(surfaces={"program": ("answer.py", "fixed.py")})


def ahead(n: int = 3) -> Ahead:
    return Ahead(SLOW, n, lambda: None)


def failed(kind: FailureKind, words: str = "no key") -> Proposal:
    return Proposal(hypothesis="", failure=Failure(kind=kind, detail=words), spend=Spend(tokens=2))


class Together:
    """Answers only once so many are asked at the same time."""

    name = "api"

    def __init__(self, n: int) -> None:
        self._barrier = Barrier(n, timeout=30)

    def propose(self, brief: Brief) -> Proposal | None:
        self._barrier.wait()
        return edit(f"x = {brief.index + 1}\n")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def texts(bench: Bench, made: Sequence[Proposed]) -> list[str]:
    trees = [proposed.candidate.id for proposed in made if proposed.candidate is not None]
    return [bench.workspace.read(tree)["answer.py"] for tree in trees]


def test_slow_proposers_write_side_by_side_and_are_read_in_order(bench: Bench) -> None:
    drafting = bench.drafting(ahead=ahead(3), api=Together(3))
    made = bench.draft_all(drafting, 3)
    assert texts(bench, made) == ["x = 1\n", "x = 2\n", "x = 3\n"]
    assert [proposed.index for proposed in made] == [0, 1, 2]


def test_no_proposal_is_asked_for_twice(bench: Bench) -> None:
    asked = Asked(*[edit(f"x = {k}\n") for k in range(1, 9)])
    bench.draft_all(bench.drafting(ahead=ahead(3), api=asked), 6)
    assert sorted(brief.index for brief in asked.briefs) == list(range(8))


def test_quick_proposers_are_never_asked_ahead(bench: Bench) -> None:
    asked = Asked(*[edit(f"x = {k}\n") for k in range(1, 9)])
    bench.draft_all(bench.drafting(ahead=ahead(3), operators=asked), 2)
    assert [brief.index for brief in asked.briefs] == [0, 1]


def test_what_was_written_for_an_overtaken_incumbent_is_put_on_the_new_one(bench: Bench) -> None:
    """The first proposal is promoted while the others, already written, edit F0."""
    asked = Asked(edit("y = 9\n", "fixed.py"), edit("x = 1\n"), edit("y = 7\n", "fixed.py"))
    drafting = bench.drafting(ahead=ahead(3), rules=BOTH, api=asked)
    (first,) = bench.draft_all(drafting, 1)
    assert first.candidate is not None
    bench.take(bench.generation(1, first.candidate.id))
    second, third = bench.draft_all(drafting, 2)
    assert second.parent == first.candidate.id
    assert second.candidate is not None
    assert bench.workspace.read(second.candidate.id) == {
        "answer.py": "x = 1\n",
        "fixed.py": "y = 9\n",
    }
    assert third.failure is not None
    assert third.failure.kind is FailureKind.STALE
    assert third.spend == Spend(tokens=3)


def test_waiting_for_a_model_can_be_interrupted(bench: Bench) -> None:
    never = Event()

    class Hanging:
        name = "api"

        def propose(self, brief: Brief) -> Proposal | None:
            never.wait(60)
            return None

    def tick() -> None:
        raise Stopped("stopped: by the test")

    drafting = bench.drafting(ahead=Ahead(SLOW, 1, tick), api=Hanging())
    with pytest.raises(Stopped, match="by the test"):
        drafting.draft(bench.history)
    never.set()


def test_unread_answers_are_accounted_for(bench: Bench) -> None:
    done = Barrier(3, timeout=30)

    class Counted(Asked):
        def propose(self, brief: Brief) -> Proposal | None:
            done.wait()
            return super().propose(brief)

    asked = Counted(*[edit(f"x = {k}\n") for k in range(1, 9)])
    desk = ahead(3)
    drafting = bench.drafting(ahead=desk, api=asked)
    bench.draft_all(drafting, 1)
    unread, other = desk.unread(30.0)
    assert (unread.proposer, unread.arm, unread.spend) == ("api", Arm.TREATMENT, Spend(tokens=3))
    bench.take(unread, other)
    assert bench.history.spend.tokens == 9
    assert list(desk.unread(0.0)) == []


def test_a_model_that_cannot_answer_leaves_the_writing_to_others(bench: Bench) -> None:
    api = Asked(*[failed(FailureKind.MODEL)] * 99)
    operators = Asked(*[edit(f"x = {k}\n") for k in range(1, 99)])
    made = bench.draft_all(bench.drafting(ahead=ahead(1), api=api, operators=operators), 20)
    assert [proposed.proposer for proposed in made].count("api") == 1
    assert made[-1].proposer == "operators"
    assert bench.history.spend.tokens >= 2


def test_without_any_other_the_study_pauses_and_says_why(bench: Bench) -> None:
    drafting = bench.drafting(ahead=ahead(1), api=Asked(failed(FailureKind.MODEL, "mend the key")))
    with pytest.raises(Stopped, match=r"^paused, .*api: mend the key"):
        bench.draft_all(drafting)
    assert bench.history.n_proposals == 1
    assert bench.history.spend.candidates == 0, "nobody wrote anything"


def test_a_busy_model_is_asked_three_times_in_a_row(bench: Bench) -> None:
    busy, good = failed(FailureKind.MODEL_BUSY, "try later"), edit("x = 5\n")
    api = Asked(busy, busy, good, busy, busy, busy, good)
    with pytest.raises(Stopped, match="try later"):
        bench.draft_all(bench.drafting(ahead=ahead(1), api=api))
    assert bench.history.n_proposals == 6


def test_answers_that_are_only_malformed_are_no_silence(bench: Bench) -> None:
    api = Asked(*[failed(FailureKind.MALFORMED)] * 5)
    assert len(bench.draft_all(bench.drafting(ahead=ahead(1), api=api))) == 5


def test_an_error_of_ours_is_raised_where_the_proposal_is_taken(bench: Bench) -> None:
    class Broken:
        name = "api"

        def propose(self, brief: Brief) -> Proposal | None:
            raise ZeroDivisionError(brief.goal)

    with pytest.raises(ZeroDivisionError):
        bench.drafting(ahead=ahead(1), api=Broken()).draft(bench.history)
