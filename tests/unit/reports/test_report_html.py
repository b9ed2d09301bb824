"""The report as a file: complete, inert, self-contained."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from filial.core import (
    Arm,
    Audited,
    Budget,
    Decision,
    History,
    Judged,
    Metric,
    Promoted,
    Proposed,
    StudyOpened,
    VerdictReached,
)
from filial.reports import charts, readings, write_report
from filial.reports.html import render
from filial.reports.race import race as run_race
from filial.testing.histories import (
    EXAMPLE_BUDGET,
    EXAMPLE_PRIMARY,
    example_diffs,
    example_events,
    example_history,
)

HOSTILE = "</script><img src=x onerror=alert(1)><script>alert(2)</script>"
VOID_TAGS = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """Collects what matters of a page, and complains about tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID_TAGS:
            self._open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["script"]:
            self.scripts[-1] += data
        else:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def page(history: History, diffs: dict[int, str] | None = None) -> Page:
    primary = EXAMPLE_PRIMARY
    return Page(render(history, budget=EXAMPLE_BUDGET, primary=primary, diffs=diffs or {}))


def hostile_history() -> History:
    history = History()
    for event in example_events(40, 3):
        body = event.body
        match body:
            case StudyOpened():
                body = replace(body, name=HOSTILE, goal=HOSTILE)
            case Proposed(candidate=candidate) if candidate is not None:
                candidate = replace(candidate, hypothesis=HOSTILE, proposer=HOSTILE)
                body = replace(body, hypothesis=HOSTILE, proposer=HOSTILE, candidate=candidate)
            case VerdictReached():
                body = replace(body, verdict=replace(body.verdict, reason=HOSTILE))
            case _:
                pass
        history.apply(body)
    return history


@pytest.fixture(scope="module")
def history() -> History:
    return example_history(120, 3)


@pytest.fixture(scope="module")
def example(history: History) -> Page:
    return page(history, example_diffs(history))


def test_file_is_self_contained_and_small(tmp_path: Path, history: History) -> None:
    path = tmp_path / "report.html"
    write_report(
        path, history, budget=EXAMPLE_BUDGET, primary=EXAMPLE_PRIMARY, diffs=example_diffs(history)
    )
    assert path.stat().st_size < 6_000_000
    found = Page(path.read_text(encoding="utf-8"))
    inside = [a for t, a in found.tags if t == "a" and str(a["href"]).startswith("#")]
    loads = [
        (t, a)
        for t, a in found.tags
        if {"src", "href", "srcset", "data"} & set(a) and a not in inside
    ]
    assert loads == []
    assert [t for t, _ in found.tags if t in ("link", "iframe", "object", "img")] == []


def test_equal_histories_give_equal_reports(history: History, example: Page) -> None:
    assert page(example_history(120, 3), example_diffs(history)).scripts == example.scripts


def test_sections_are_there(example: Page) -> None:
    for title in (
        "Can I trust this study?",
        "The incumbent over time",
        "Lineage",
        "Confirmed effects",
        "Placebo and control arms",
        "All verdicts",
        "Budget",
        "Spend by arm",
        "Failures by kind",
        "Audits",
        "Study facts",
    ):
        assert title in example.text


def test_headline_is_the_gain_with_its_interval(history: History, example: Page) -> None:
    last = readings.steps(history, EXAMPLE_PRIMARY)[-1]
    assert f"{last.gain:+.3f}" in example.words
    assert f"[{last.gain_lower:+.3f}, {last.gain_upper:+.3f}]" in example.words


def test_every_candidate_is_a_row_and_every_figure_has_its_place(
    history: History, example: Page
) -> None:
    figures, rows = (json.loads(script) for script in example.scripts[:2])
    assert len(rows["rows"]) == len(history.standings) - 1
    assert {len(row) for row in rows["rows"]} == {14}
    places = {a.get("id") for _, a in example.tags}
    assert set(figures) == {"incumbent", "forest", "race"}
    assert {f"chart-{name}" for name in figures} <= places


def test_diffs_are_expandable_and_coloured(history: History, example: Page) -> None:
    details = [t for t, _ in example.tags if t == "details"]
    assert len(details) == len(history.generations) - 1
    kinds = {a["class"] for t, a in example.tags if t == "span" and a.get("class")}
    assert {"add", "del", "hunk", "meta", "same"} <= kinds
    assert "+    betas = (0.9, 0.95)  # <shorter memory>" in example.text


def test_long_diffs_are_cut_and_say_so(history: History) -> None:
    found = page(history, {1: "+x\n" * 3000})
    assert "… and 1,000 more lines" in found.text


def test_hostile_text_is_inert() -> None:
    history = hostile_history()
    found = page(history, dict.fromkeys(range(1, len(history.generations)), f"+{HOSTILE}"))
    assert [t for t, _ in found.tags if t == "img"] == []
    assert len(found.scripts) == 4, "two data blocks, Plotly, and the page's own"
    assert not any(name.startswith("on") for _, a in found.tags for name in a)
    assert HOSTILE in found.words
    figures = json.loads(found.scripts[0])
    hovers = [t for d in figures["incumbent"]["data"] for t in d.get("customdata", [])]
    assert hovers
    assert not any("<img" in hover or "<script" in hover for hover in hovers)


def test_only_the_pages_own_scripts_may_run(example: Page) -> None:
    (policy,) = [a["content"] for t, a in example.tags if t == "meta" and "http-equiv" in a]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert policy.count("'sha256-") == 2
    assert "unsafe-inline'; img-src" in policy
    assert "unsafe" not in policy.split("script-src")[1]


def test_json_blocks_hold_no_markup() -> None:
    found = render(hostile_history(), budget=Budget(), primary=EXAMPLE_PRIMARY, diffs={})
    block = found.split('id="rows">')[1].split("</script>")[0]
    assert "<" not in block
    assert json.loads(block)["rows"][0][3] == HOSTILE


@pytest.mark.parametrize("n", [None, 0, 1])
def test_empty_states(n: int | None) -> None:
    found = page(History() if n is None else example_history(n, 1))
    expected = {None: "nothing measured yet", 0: "F0 is still the incumbent", 1: "Lineage"}
    assert expected[n] in found.words


def test_max_metrics_read_the_other_way() -> None:
    primary = Metric("bits_per_byte", direction="max")
    text = render(example_history(40, 3), budget=Budget(), primary=primary, diffs={})
    assert "higher is better" in Page(text).words


def state_of(found: Page, title: str) -> str:
    """The state that is written beside a check's title."""
    # A check's title comes before any other use of its words but "placebos promoted" on top.
    words = found.words.split("Essential:", 1)[1].split(title, 1)[1]
    states = ("not yet known", "does not hold", "holds")
    return min(states, key=lambda state: words.find(state) % len(words))


def test_placebo_promotion_shows_on_the_first_screen(history: History) -> None:
    spoiled = example_history(120, 3)
    reached = next(r for r in spoiled.verdicts if r.arm is Arm.PLACEBO)
    spoiled.apply(replace(reached, verdict=replace(reached.verdict, decision=Decision.PROMOTE)))
    found = page(spoiled)
    assert "no: failed placebos" in found.words.split("The incumbent over time")[0]
    assert state_of(found, "Placebos") == "does not hold"
    assert state_of(page(history), "Placebos") == "not yet known"


def test_audit_that_finds_half_the_claim_shows_beside_it() -> None:
    history = example_history(120, 3)
    last = readings.steps(history, EXAMPLE_PRIMARY)[-1]
    half = (last.gain / 2,) * 5
    first, now = history.generations[0], history.incumbent
    history.apply(
        Audited(before=first, after=now, split="sealed", differences=half, lower=0.0, upper=1.0)
    )
    found = page(history)
    assert state_of(found, "Claimed against realised") == "does not hold"
    assert "50 % of the claim" in found.words.replace("\N{NO-BREAK SPACE}", " ")
    hero = found.words.split("The incumbent over time")[0]
    assert f"realised up to F{now.number}: {last.gain / 2:+.3f}" in hero


def test_an_artifact_gets_its_article_and_its_interval_a_name() -> None:
    state = example_history(120, 3)
    name = state.incumbent.candidate
    reached = next(r for r in reversed(state.verdicts) if r.verdict.candidate == name)
    verdict = replace(reached.verdict, judged=Judged.ARTIFACT)
    state.apply(replace(reached, verdict=verdict))
    found = page(state)
    assert "evidence, as an artifact" in found.words
    assert "as a artifact" not in found.words
    assert "evidence, as a recipe" in found.words
    assert verdict.comparison is not None
    n = len(verdict.comparison.differences)
    assert f", 95 % interval of the mean of {n} pairs of trials" in found.words


def test_chained_intervals_are_called_claims(example: Page) -> None:
    assert "Claimed, 95 % interval" in example.words
    assert "the 95 % interval of what verdicts claim" in example.words


def test_forest_keeps_promotions_when_there_are_too_many() -> None:
    history = example_history(600, 3)
    rows = readings.rows(history, EXAMPLE_PRIMARY)
    scale = readings.scale(history, EXAMPLE_PRIMARY)
    chart = charts.forest(rows, EXAMPLE_PRIMARY, scale)
    assert chart is not None
    layout = chart.figure["layout"]
    assert isinstance(layout, dict)
    labels = layout["yaxis"]["ticktext"]
    assert len(labels) == 40
    assert {f"F{g.number}" for g in history.generations[1:]} <= set(labels)
    assert "earlier confirmations" in chart.note


def test_race_ends_where_the_smaller_arm_ends(history: History) -> None:
    rows = readings.rows(history, EXAMPLE_PRIMARY)
    race = run_race(history, EXAMPLE_PRIMARY)
    assert race is not None
    spent = {arm: sum(r.spend.cpu_s for r in rows if r.candidate.arm is arm) / 60 for arm in Arm}
    assert race.cost == pytest.approx(min(spent[Arm.TREATMENT], spent[Arm.CONTROL]))
    lines = charts.race(race).figure["data"]
    assert isinstance(lines, list)
    assert [line["x"][-1] for line in lines] == [race.cost, race.cost]


def test_example_is_a_function_of_its_seed() -> None:
    assert example_events(30, 5) == example_events(30, 5)
    assert example_events(30, 5) != example_events(30, 6)
    assert any(isinstance(e.body, Promoted) for e in example_events(0, 5))
