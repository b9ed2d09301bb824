"""What an incident makes void, and what is the incumbent then."""

from filial.core import (
    Arm,
    Candidate,
    Generation,
    History,
    Incident,
    IncidentClosed,
    Promoted,
    Proposed,
)


def proposed(index: int, name: str, parent: str) -> Proposed:
    candidate = Candidate(
        id=name, index=index, parent=parent, proposer="p", arm=Arm.TREATMENT, hypothesis=""
    )
    return Proposed(
        index=index,
        proposer="p",
        arm=Arm.TREATMENT,
        parent=parent,
        hypothesis="",
        candidate=candidate,
    )


def promoted(number: int, name: str) -> Promoted:
    generation = Generation(number=number, candidate=name, commit="")
    return Promoted(generation=generation, hypothesis="")


def lineage() -> History:
    """F0 - a (F1) - b (F2) - c, and d beside a."""
    history = History()
    for body in (
        proposed(-1, "f0", ""),
        promoted(0, "f0"),
        proposed(0, "a", "f0"),
        promoted(1, "a"),
        proposed(1, "b", "a"),
        promoted(2, "b"),
        proposed(2, "c", "b"),
        proposed(3, "d", "f0"),
    ):
        history.apply(body)
    return history


def incident(candidate: str) -> Incident:
    return Incident(number=1, candidate=candidate, label="", detail="")


def test_descendants_are_void_and_siblings_are_not() -> None:
    history = lineage()
    history.apply(incident("a"))
    assert history.voided == {"a", "b", "c"}
    assert history.incumbent.number == 0
    assert history.opponent_of(Arm.TREATMENT) == "f0"


def test_the_generation_before_is_the_incumbent_again() -> None:
    history = lineage()
    history.apply(incident("b"))
    assert history.voided == {"b", "c"}
    assert history.incumbent.number == 1
    assert [g.number for g in history.sound_generations] == [0, 1]


def test_what_is_proposed_later_on_void_ground_is_void() -> None:
    history = lineage()
    history.apply(incident("b"))
    history.apply(proposed(4, "e", "c"))
    history.apply(proposed(5, "g", "a"))
    assert history.voided == {"b", "c", "e"}


def test_closing_an_incident_makes_nothing_sound_again() -> None:
    history = lineage()
    history.apply(incident("b"))
    assert [i.number for i in history.open_incidents] == [1]
    history.apply(IncidentClosed(number=1, by="ada", note="looked"))
    assert history.open_incidents == []
    assert history.voided == {"b", "c"}


def test_f0_stays_what_others_are_measured_against() -> None:
    history = lineage()
    history.apply(incident("f0"))
    assert history.sound_generations == []
    assert history.incumbent.number == 0


def test_an_incident_may_stop_a_study_and_make_nothing_void() -> None:
    history = lineage()
    doubt = Incident(number=1, candidate="a", label="", detail="", voids=False)
    history.apply(doubt)
    assert history.open_incidents == [doubt]
    assert history.voided == set()
    assert history.incumbent.number == 2
    history.apply(proposed(4, "e", "a"))
    assert history.voided == set()
    history.apply(IncidentClosed(number=1, by="ada", note="looked"))
    assert (history.incidents, history.open_incidents) == ([doubt], [])
