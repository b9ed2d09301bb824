from dataclasses import replace

import pytest

from filial.core import (
    Arm,
    Body,
    Event,
    Failure,
    FailureKind,
    IncidentClosed,
    Measurement,
    Prediction,
    Promoted,
    Proposed,
    RunStarted,
    Spend,
    TrialFinished,
)
from filial.errors import TamperedLedger
from filial.storages.chain import Row, check, seal
from filial.storages.codec import KINDS, content, decode, encode
from filial.testing.storage_contract import BODIES


def test_every_kind_of_body_has_a_sample() -> None:
    assert {type(body).__name__ for body in BODIES} == set(KINDS)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_bodies_come_back(body: Body) -> None:
    text = encode(body)
    assert decode(type(body).__name__, text, seq=1) == body
    assert encode(decode(type(body).__name__, text.encode(), seq=1)) == text


def test_canonical_text() -> None:
    body = Proposed(
        index=3,
        proposer="é",
        arm=Arm.PLACEBO,
        parent="p",
        hypothesis='"\n',
        failure=Failure(kind=FailureKind.SYNTAX),
        spend=Spend(cpu_s=2),
    )
    assert encode(body) == (
        '{"arm":"placebo","failure":{"kind":"syntax"},"hypothesis":"\\"\\n","index":3,'
        '"kind":"Proposed","parent":"p","proposer":"é","spend":{"cpu_s":2.0}}'
    )


def test_a_prediction_keeps_its_range_and_those_of_old_ledgers_have_none() -> None:
    proposed = BODIES[2]
    assert isinstance(proposed, Proposed)
    assert proposed.candidate is not None
    stated = Prediction(metric="loss", effect=0.02, low=0.0, high=0.05)
    body = replace(proposed, candidate=replace(proposed.candidate, predicted=stated))
    assert decode("Proposed", encode(body), seq=1) == body
    old = encode(body).replace(',"high":0.05,"low":0.0', "")
    assert old != encode(body)
    found = decode("Proposed", old, seq=1)
    assert isinstance(found, Proposed)
    assert found.candidate is not None
    assert found.candidate.predicted == Prediction(metric="loss", effect=0.02)


def test_lone_surrogates_become_question_marks() -> None:
    body = Proposed(index=0, proposer="x", arm=Arm.CONTROL, parent="", hypothesis="a\ud800b")
    assert decode("Proposed", encode(body), seq=1) == replace(body, hypothesis="a?b")


def test_sizes_stay_small() -> None:
    finished, proposed = BODIES[5], BODIES[2]
    assert isinstance(finished, TrialFinished)
    assert len(encode(replace(finished, items="f" * 64))) < 700
    assert len(encode(proposed)) < 900


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("Nothing", "{}", "event 7 is of the unknown kind 'Nothing'"),
        ("RunStarted", "{}", "event 7 does not hold a readable RunStarted"),
        ("RunStarted", '{"workers":"2","level":"L3"}', "event 7 does not hold"),
        ("RunStarted", '{"workers":2,"level":"L3"', "event 7 does not hold"),
        ("RunStarted", b'{"workers":2,"level":"\xff"}', "event 7 does not hold"),
        ("CalibrationPlanned", "[]", "event 7 does not hold"),
        ("TrialFinished", '{"trial":{"spec":1}}', "event 7 does not hold"),
    ],
)
def test_what_cannot_be_read_names_its_event(kind: str, text: str | bytes, message: str) -> None:
    with pytest.raises(TamperedLedger, match=message):
        decode(kind, text, seq=7)


def test_a_trial_without_result_is_no_trial() -> None:
    text = encode(BODIES[6]).replace('"failure":{"detail":"20 s","kind":"cpu"},', "")
    assert text != encode(BODIES[6])
    with pytest.raises(TamperedLedger, match="event 2"):
        decode("TrialFinished", text, seq=2)


def test_content_leaves_out_every_spend_and_nothing_else() -> None:
    finished = BODIES[5]
    assert isinstance(finished, TrialFinished)
    dearer = replace(finished, trial=replace(finished.trial, spend=Spend(wall_s=99.0)))
    assert encode(dearer) != encode(finished)
    assert content(dearer) == content(finished)
    assert "spend" not in content(finished)
    better = replace(
        finished,
        trial=replace(finished.trial, measurements=(Measurement(metric="x", value=1.0),)),
    )
    assert content(better) != content(finished)
    proposed = BODIES[2]
    assert isinstance(proposed, Proposed)
    assert content(proposed) == encode(replace(proposed, spend=Spend()))


def test_content_leaves_out_the_commit_which_depends_on_its_date() -> None:
    promoted = BODIES[10]
    assert isinstance(promoted, Promoted)
    later = replace(promoted, generation=replace(promoted.generation, commit="e5" * 20))
    other = replace(promoted, generation=replace(promoted.generation, candidate="e5" * 20))
    assert content(later) == content(promoted) != content(other)


def rows(*bodies: Body) -> list[Row]:
    made: list[Row] = []
    for seq, body in enumerate(bodies, start=1):
        text, previous = encode(body).encode(), made[-1].digest if made else "0" * 64
        made.append(
            Row(
                seq=seq,
                at=float(seq),
                kind=type(body).__name__,
                body=text,
                previous=previous,
                digest=seal(seq, float(seq), text, previous),
            )
        )
    return made


def resealed(row: Row, **changes: object) -> Row:
    changed = replace(row, **changes)  # type: ignore[arg-type]
    return replace(changed, digest=seal(changed.seq, changed.at, changed.body, changed.previous))


def test_a_sound_chain_is_counted() -> None:
    assert check(rows(*BODIES), lambda _: False) == len(BODIES)
    assert rows(BODIES[1])[0].event == Event(
        seq=1, at=1.0, body=BODIES[1], previous="0" * 64, digest=rows(BODIES[1])[0].digest
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: replace(row, seq=5), "event 2 is missing; number 5 stands in its place"),
        (lambda row: replace(row, is_typed=False), "event 2 holds a value of the wrong type"),
        (lambda row: replace(row, previous="0" * 64), "event 2 does not follow the event before"),
        (lambda row: replace(row, at=9.0), "event 2 does not match its digest"),
        (lambda row: replace(row, digest="0" * 64), "event 2 does not match its digest"),
        (lambda row: replace(row, body=row.body + b" "), "event 2 does not match its digest"),
        (lambda row: replace(row, kind="RunStopped"), "event 2 does not hold a readable RunSto"),
        (
            lambda row: resealed(row, body=row.body[:-1] + b',"x":1}'),
            "event 2 holds more or less than a RunStarted",
        ),
    ],
)
def test_the_first_wrong_event_is_named(change: object, message: str) -> None:
    chain = rows(*BODIES)
    assert callable(change)
    assert chain[1].kind == RunStarted.__name__
    chain[1] = change(chain[1])
    with pytest.raises(TamperedLedger, match=message):
        check(chain, lambda _: True)


def test_an_event_cannot_pass_for_another_kind() -> None:
    """The name in the column is under no digest; the one in the body is."""
    text = encode(IncidentClosed(number=1, by="ada", note="fine"))
    assert decode("IncidentClosed", text, seq=7)
    lie = text.replace('"kind":"IncidentClosed"', '"kind":"RunStopped","reason":""')
    quoted = encode(IncidentClosed(number=1, by="ada", note='"kind":"IncidentClosed"'))
    for changed in (lie, quoted.replace('"kind":"IncidentClosed",', "")):
        with pytest.raises(TamperedLedger, match="event 7 does not call itself IncidentClosed"):
            decode("IncidentClosed", changed, seq=7)
