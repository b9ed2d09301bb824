"""How many good candidates the screens reject, counted by hand."""

from filial.core import (
    Arm,
    Candidate,
    Decision,
    History,
    Judged,
    Proposed,
    Spared,
    Verdict,
    VerdictReached,
)
from filial.reports.sparing import false_kills


def candidate(name: str, index: int) -> Proposed:
    made = Candidate(
        id=name, index=index, parent="f0", proposer="p", arm=Arm.TREATMENT, hypothesis="h"
    )
    return Proposed(
        index=index, proposer="p", arm=made.arm, parent="f0", hypothesis="h", candidate=made
    )


def verdict(name: str, decision: Decision, alpha: float = 0.01) -> VerdictReached:
    made = Verdict(
        candidate=name,
        incumbent="f0",
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=alpha,
    )
    return VerdictReached(verdict=made, arm=Arm.TREATMENT)


# decision of each candidate's confirmation and its alpha, None if it awaits one
FATES: dict[str, tuple[Decision, float] | None] = {
    "good": (Decision.PROMOTE, 0.01),
    "bad": (Decision.REJECT, 0.01),
    "void": (Decision.VOID, 0.01),
    "open": (Decision.UNDECIDED, 0.01),
    "parked": (Decision.UNDECIDED, 0.0),
    "waiting": None,
}


def history(*spared: str) -> History:
    made = History()
    for index, name in enumerate(FATES):
        made.apply(candidate(name, index))
    for name in spared:
        made.apply(Spared(candidate=name, reason="behind"))
    for name, fate in FATES.items():
        if fate is not None:
            made.apply(verdict(name, *fate))
    return made


def test_spared_candidates_count_once_they_were_confirmed() -> None:
    assert false_kills(history(*FATES)) == (4, 1)


def test_others_do_not_count() -> None:
    assert false_kills(History()) == (0, 0)
    assert false_kills(history()) == (0, 0)
    assert false_kills(history("bad", "parked")) == (1, 0)


def test_a_construction_needs_no_alpha_to_be_promoted() -> None:
    made = History()
    made.apply(candidate("exact", 0))
    made.apply(Spared(candidate="exact", reason="behind"))
    made.apply(verdict("exact", Decision.PROMOTE, alpha=0.0))
    assert false_kills(made) == (1, 1)
    assert made.survivors == ["exact"]


def test_a_spared_candidate_survives_only_by_its_confirmation() -> None:
    """What it would be to proposers and to retries: a good idea, or nothing."""
    assert history().survivors == ["good", "bad", "void", "open", "parked"]
    assert history(*FATES).survivors == ["good", "open"]
