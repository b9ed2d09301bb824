"""Scores, JSON, tables and the figure."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rich.console import Console

from filial.bench import (
    Report,
    Score,
    Tally,
    as_json,
    draw,
    from_json,
    n_streams,
    simulate,
    tables,
)
from filial.bench import plan as planned
from filial.bench.plan import Entry
from filial.gates import ConfirmationGate

TALLY = Tally(n_candidates=10, n_promotions=4, n_false=1, true_gain=3.0, claimed=6.0, cost=30)


@pytest.fixture(scope="module")
def report() -> Report:
    """A report of streams as short as can be."""
    patch = pytest.MonkeyPatch()
    patch.setattr(planned, "_QUICK", 25)
    try:
        return simulate(3, 2, quick=True)
    finally:
        patch.undo()


def test_scores_by_hand() -> None:
    none = Tally(n_candidates=10, n_promotions=0, n_false=0, true_gain=0.0, claimed=0.0, cost=10)
    score = Score.of([TALLY, none])
    assert score.promotions == 2
    assert score.false_promotions == 0.5
    assert score.fdr == pytest.approx(0.125)  # of 0.25 and 0
    assert score.fdr_error == pytest.approx(0.125)
    assert score.spoilt == 0.5
    assert score.true_gain == 1.5
    assert score.true_gain_error == pytest.approx(1.5)
    assert score.claimed_per_true == 2.0
    assert score.cost == 2.0


def test_one_stream_has_no_standard_error_and_no_gain_no_ratio() -> None:
    score = Score.of([replace(TALLY, true_gain=0.0)])
    assert score.fdr_error == score.true_gain_error == 0
    assert score.claimed_per_true is None


def test_json_is_one_line_and_comes_back(report: Report) -> None:
    text = as_json(report)
    assert "\n" not in text
    assert from_json(text) == report
    record = json.loads(text)
    assert record["policy"] == ConfirmationGate().policy
    assert [table["world"] for table in record["tables"]] == [
        *(world.name for world in planned.WORLDS),
        *(world.name for world in planned.ITEM_WORLDS),
    ]
    assert list(record["curve"]) == [setting.name for setting in planned.SETTINGS]
    assert "Filial" in record["tables"][0]["scores"]


def test_every_stream_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "_QUICK", 100)
    seen: list[Entry] = []
    simulate(0, 1, quick=True, watcher=seen.append)
    assert len(seen) == n_streams(1)
    assert len({(entry.world.name, entry.competitor.name) for entry in seen}) == len(seen)


def test_tables_fit_80_columns(report: Report) -> None:
    console = Console(width=80, record=True, file=None, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(tables.card(report))
    text = captured.get()
    assert "…" not in text
    for name in ("nothing", "items", "Filial", "McNemar, p < .05", "FDR 0.05"):
        assert name in text
    explained = text.splitlines()[-7:]
    for name in (*tables.HEADER, "builds each"):
        assert any(line.startswith(f"{name} ") for line in explained), name


def test_the_figure_is_svg_with_a_mark_for_every_rule_and_setting(report: Report) -> None:
    root = ET.fromstring(draw(report))  # noqa: S314 - our own
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names == {"svg", "title", "line", "text", "circle"}
    circles = [element for element in root.iter() if element.tag.endswith("circle")]
    assert len(circles) == len(report.table("mixed").scores) + len(report.curve)
    words = " ".join(element.text or "" for element in root.iter())
    for name in (*report.table("mixed").scores, *report.curve):
        assert name in words
    for circle in circles:
        assert 0 <= float(circle.attrib["cx"]) <= 960
        assert 60 <= float(circle.attrib["cy"]) <= 350


def test_the_number_of_workers_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [replace(world, n_candidates=30) for world in planned.WORLDS[:2]]
    monkeypatch.setattr(planned, "WORLDS", tuple(short))
    monkeypatch.setattr(planned, "SETTINGS", planned.SETTINGS[:2])
    monkeypatch.setattr(planned, "_QUICK", 5)
    alone = simulate(1, 2, workers=1, quick=True)
    assert alone == simulate(1, 2, workers=2, quick=True)
    assert alone != simulate(2, 2, workers=1, quick=True)
