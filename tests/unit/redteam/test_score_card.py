"""Totals: what counts as an escape, an over-block, a side effect."""

import json
from dataclasses import replace

from rich.console import Console

from filial.redteam import Count, Ending, Specimen, as_json, by_class, tables

ATTACK = Specimen(
    name="forging/01_x",
    title="Forges.",
    rows=("1",),
    study="sums",
    is_twin=False,
    path="answer.py",
    is_appended=False,
    text="",
    line=None,
    expected=("reject",),
    needs="L2",
    wins_bare=False,
)
TWIN = replace(ATTACK, name="forging/01_x.twin", is_twin=True, expected=("promote",))
BLOCKED = Ending(specimen=ATTACK, level="L3", outcome="reject")
WON = Ending(specimen=ATTACK, level="L3", outcome="promote", escapes=("it was promoted",))
MESSY = Ending(
    specimen=replace(ATTACK, name="containment/02_y"),
    level="L3",
    outcome="reject",
    damage=("left running: process 7",),
)
PASSED = Ending(specimen=TWIN, level="L3", outcome="promote")
REFUSED = Ending(specimen=TWIN, level="L3", outcome="memory", detail="too much")


def test_an_attack_that_is_rejected_is_no_loss() -> None:
    assert not BLOCKED.is_lost
    assert not BLOCKED.is_unexpected


def test_damage_alone_is_an_escape() -> None:
    assert MESSY.has_escaped
    assert MESSY.is_lost


def test_a_refused_twin_is_a_loss_and_no_escape() -> None:
    assert REFUSED.is_over_block
    assert REFUSED.is_lost
    assert not REFUSED.has_escaped


def test_a_stopped_attack_that_ended_otherwise_is_unexpected() -> None:
    odd = replace(BLOCKED, outcome="crash")
    assert odd.is_unexpected
    assert not odd.is_lost


def test_totals_in_all_and_by_class() -> None:
    endings = [BLOCKED, WON, MESSY, PASSED, REFUSED]
    assert Count.of(endings) == Count(
        cases=5, twins=2, escapes=2, over_blocks=1, side_effects=1, unexpected=2
    )
    assert list(by_class(endings)) == ["containment", "forging"]
    assert by_class(endings)["containment"].escapes == 1
    record = json.loads(as_json(endings, "L3"))
    assert record["level"] == "L3"
    assert record["cases"] == 5
    assert record["by_class"]["forging"] == {
        "cases": 4,
        "twins": 2,
        "escapes": 1,
        "over_blocks": 1,
        "side_effects": 0,
        "unexpected": 2,
    }


def test_the_table_names_what_was_lost() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        odd = replace(BLOCKED, outcome="crash", detail="by a signal")
        console.print(tables.card([WON, REFUSED, BLOCKED, odd], "L3"))
    text = captured.get()
    assert "ESCAPED forging/01_x: it was promoted" in text
    assert "REFUSED forging/01_x.twin: memory: too much" in text
    assert "unexpected forging/01_x: crash: by a signal" in text
    assert ": reject" not in text
