"""What an incident makes void, and what is the incumbent then."""

import pytest

from filial.core import (
    Arm,
    Candidate,
    Event,
    Generation,
    History,
    Incident,
    IncidentClosed,
    Promoted,
    Proposed,
)
from filial.core.history import recall
from filial.errors import TamperedLedger


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


def doubts(history: History, *names: str) -> None:
    for number, name in enumerate(names, 1):
        history.apply(Incident(number=number, candidate=name, label="", detail="", voids=False))


def test_a_person_may_make_void_what_an_incident_did_not() -> None:
    """The second incident, about F2: it and its descendants are lost, F1 is not."""
    history = lineage()
    doubts(history, "a", "b")
    history.apply(IncidentClosed(number=2, by="ada", note="luck", voids=True))
    assert history.voided == {"b", "c"}
    assert history.incumbent.number == 1
    assert [i.number for i in history.open_incidents] == [1]
    history.apply(proposed(4, "e", "c"))
    assert history.voided == {"b", "c", "e"}
    history.apply(IncidentClosed(number=1, by="ada", note="luck, too", voids=True))
    assert history.voided == {"a", "b", "c", "e"}
    assert history.incumbent.number == 0


def test_what_is_void_may_be_made_void_again() -> None:
    history = lineage()
    history.apply(incident("b"))
    history.apply(IncidentClosed(number=1, by="ada", note="looked", voids=True))
    assert history.voided == {"b", "c"}


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_nothing_is_void_by_an_incident_that_there_is_not(number: int) -> None:
    history = lineage()
    doubts(history, "b")
    forged = IncidentClosed(number=number, by="eve", note="", voids=True)
    with pytest.raises(
        TamperedLedger, match=f"event 9 closes incident {number}, which is not open"
    ):
        recall(history, Event(seq=9, at=1.0, body=forged, previous="", digest=""))
    assert history.voided == set()


def test_a_closed_incident_is_read_back() -> None:
    history = lineage()
    doubts(history, "b")
    closed = IncidentClosed(number=1, by="ada", note="luck", voids=True)
    recall(history, Event(seq=9, at=1.0, body=closed, previous="", digest=""))
    assert history.voided == {"b", "c"}
    with pytest.raises(TamperedLedger, match="event 10 closes incident 1, which is not open"):
        recall(history, Event(seq=10, at=1.0, body=closed, previous="", digest=""))
