"""What the terminal shows."""

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from filial.core import (
    Arm,
    Candidate,
    Decision,
    EvidenceBought,
    Failure,
    FailureKind,
    History,
    Judged,
    Proposed,
    RunStarted,
    RunStopped,
    Spared,
)
from filial.reports import lineage, log, show, status
from filial.reports.remarks import interval_text
from filial.reports.words import with_article
from filial.testing.histories import (
    EXAMPLE_BUDGET,
    EXAMPLE_PRIMARY,
    example_diffs,
    example_history,
)

HOSTILE = "[bold red]gain[/] \x1b[2J\u202e[/nonsense]"


def text(renderable: RenderableType, width: int = 80, *, colour: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="256", record=True
    )
    console.print(renderable)
    return console.export_text(styles=colour)


@pytest.fixture(scope="module")
def history() -> History:
    return example_history(80, 3)


def hostile_history() -> History:
    history = example_history(3, 1)
    history.apply(
        Proposed(
            index=3,
            proposer=HOSTILE,
            arm=Arm.TREATMENT,
            parent=history.incumbent.candidate,
            hypothesis=HOSTILE,
            candidate=Candidate(
                id="e" * 40,
                index=3,
                parent=history.incumbent.candidate,
                proposer=HOSTILE,
                arm=Arm.TREATMENT,
                hypothesis=HOSTILE,
            ),
        )
    )
    return history


@pytest.mark.parametrize("width", [80, 120])
def test_everything_fits_the_console(history: History, width: int) -> None:
    incumbent = history.standings[history.incumbent.candidate]
    for renderable in (
        status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY),
        log(history, EXAMPLE_PRIMARY),
        show(incumbent, history, EXAMPLE_PRIMARY),
        lineage(history, EXAMPLE_PRIMARY),
    ):
        assert max(map(len, text(renderable, width).splitlines())) <= width


def test_status_says_the_main_things_without_colour(history: History) -> None:
    shown = text(status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY))
    number = history.incumbent.number
    assert f"F{number} {history.incumbent.candidate[:7]}" in shown
    assert "over F0" in shown
    assert "stopped: the budget of 8 h wall clock is used up" in shown
    assert "of 5,000" in shown
    assert "L3" in shown


def test_log_has_one_line_a_candidate_the_latest_last(history: History) -> None:
    shown = text(log(history, EXAMPLE_PRIMARY, 5)).splitlines()
    numbers = [line.split()[0] for line in shown[1:6]]
    last = sorted(s.candidate.index for s in history.standings.values())[-5:]
    assert numbers == [str(n) for n in last]
    assert "refused before any trial" in shown[6]


def test_log_shows_reasons_where_there_is_room(history: History) -> None:
    assert "reason" not in text(log(history, EXAMPLE_PRIMARY), 80).splitlines()[0]
    assert "reason" in text(log(history, EXAMPLE_PRIMARY), 120).splitlines()[0]


def test_a_log_for_a_wide_console_cuts_nothing() -> None:
    history = example_history(80, 3)
    reached = history.verdicts[-1]
    standing = history.standings[reached.verdict.candidate]
    long = "a very long hypothesis " * 30
    standing.candidate = replace(standing.candidate, hypothesis=long, proposer="operators" * 5)
    standing.verdict = replace(reached.verdict, reason="a very long reason " * 30)
    shown = text(log(history, EXAMPLE_PRIMARY, None, is_cut=False), 10_000)
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    for words in (long.strip(), ("a very long reason " * 30).strip(), "operators" * 5):
        assert words in shown
    assert "\N{HORIZONTAL ELLIPSIS}" in text(log(history, EXAMPLE_PRIMARY, None), 120)


@pytest.mark.parametrize(
    ("endings", "said"),
    [
        ([], "not started"),
        ([None], "running, or cut off"),
        (["the budget is used up: candidates"], "stopped: the budget is used up: candidates"),
        (
            ["the budget is used up: wall_s", "compared F0 and F1", "compared F0 and F2"],
            "stopped: the budget is used up: wall_s; since then it compared F0 and F2",
        ),
        ([None, "could not compare F0 and F1"], "cut off; since then it could not compare F0"),
        (["the budget is used up: wall_s", "compared F0 and F1", None], "running, or cut off"),
    ],
)
def test_a_comparison_does_not_hide_why_the_run_ended(
    endings: list[str | None], said: str
) -> None:
    state = History()
    for reason in endings:
        state.apply(RunStarted(workers=1, level="L3"))
        if reason is not None:
            state.apply(RunStopped(reason=reason))
    assert said in text(status(state, EXAMPLE_BUDGET, EXAMPLE_PRIMARY), 200)


@pytest.mark.parametrize(
    ("noun", "said"),
    [(Judged.ARTIFACT, "an artifact"), (Judged.RECIPE, "a recipe"), ("", "a ")],
)
def test_nouns_have_their_article(noun: str, said: str) -> None:
    assert with_article(noun) == said


def test_an_interval_says_what_it_is_made_of() -> None:
    """Beside E = 1e17 from items an interval of three trials may contain 0."""
    history = example_history(80, 3)
    standing = history.standings[history.incumbent.candidate]
    verdict = standing.verdict
    assert verdict is not None
    assert verdict.comparison is not None
    n = len(verdict.comparison.differences)
    usual = text(show(standing, history, EXAMPLE_PRIMARY), 250)
    assert f"95 % interval of the mean of {n} pairs of trials" in usual
    assert "leaves open" not in usual
    wide = replace(verdict.comparison, lower=-0.1, e_value=1e17)
    standing.verdict = replace(verdict, comparison=wide, judged=Judged.ARTIFACT)
    shown = text(show(standing, history, EXAMPLE_PRIMARY), 250)
    assert "may prove what the interval leaves open" in shown
    assert "PROMOTE as an artifact" in shown
    exact = replace(verdict, judged=Judged.CONSTRUCTION, alpha=0.0)
    assert interval_text(exact) == "both exact verifications"
    assert interval_text(replace(verdict, comparison=None)) == ""


def test_show_puts_prediction_evidence_and_diff_together(history: History) -> None:
    generation = history.incumbent
    standing = history.standings[generation.candidate]
    diff = example_diffs(history)[generation.number]
    shown = text(show(standing, history, EXAMPLE_PRIMARY, diff))
    for words in ("predicted", "measured", "needed ", "guard", "granted by"):
        assert words in shown
    assert "+    betas = (0.9, 0.95)" in shown
    assert standing.verdict is not None
    assert standing.verdict.comparison is not None
    gain = standing.verdict.comparison.differences[0]
    first = f"confirm/{generation.candidate[:12]}/0"
    line = next(line for line in shown.splitlines() if first in line)
    assert f"{gain:+.3f}" in line


def test_show_names_the_failure_of_a_trial(history: History) -> None:
    failed = next(
        s for s in history.standings.values() if any(t.failure for t in s.trials.values())
    )
    (failure,) = [t.failure for t in failed.trials.values() if t.failure]
    assert str(failure.kind) in text(show(failed, history, EXAMPLE_PRIMARY))


def test_lineage_lists_every_generation(history: History) -> None:
    shown = text(lineage(history, EXAMPLE_PRIMARY))
    for generation in history.generations:
        assert f"F{generation.number} {generation.candidate[:7]}" in shown


def test_foreign_text_is_neither_markup_nor_control() -> None:
    history = hostile_history()
    standing = history.standings["e" * 40]
    for renderable in (
        log(history, EXAMPLE_PRIMARY),
        show(standing, history, EXAMPLE_PRIMARY, diff="+\x1b[2J"),
    ):
        shown = text(renderable, 200)
        assert "[bold red]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_empty_states() -> None:
    empty = History()
    assert "not started" in text(status(empty, EXAMPLE_BUDGET, EXAMPLE_PRIMARY))
    assert "no candidate yet" in text(log(empty, EXAMPLE_PRIMARY))
    assert "no generation yet" in text(lineage(empty, EXAMPLE_PRIMARY))


def test_a_refused_proposal_is_counted() -> None:
    history = History()
    history.apply(
        Proposed(
            index=0,
            proposer="p",
            arm=Arm.TREATMENT,
            parent="",
            hypothesis="h",
            failure=Failure(kind=FailureKind.SYNTAX),
        )
    )
    assert "1 syntax" in text(log(history, EXAMPLE_PRIMARY))


def test_every_decision_reads_without_colour(history: History) -> None:
    shown = text(status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY))
    assert all(str(decision) in shown for decision in Decision)


@pytest.mark.parametrize("kind", ["spared", "bought", "shorter"])
def test_what_is_unusual_about_a_candidate_shows_everywhere(kind: str) -> None:
    history = example_history(80, 3)
    reached = next(r for r in reversed(history.verdicts) if r.verdict.comparison is not None)
    name = reached.verdict.candidate
    if kind == "spared":
        history.apply(Spared(candidate=name, reason="gain 0.01 on the dev pair"))
    elif kind == "bought":
        history.bought.clear()
        history.apply(EvidenceBought(candidate=name, n_pairs=8, reason="r"))
    else:
        verdict = replace(reached.verdict, margin=0.005, decision=Decision.PROMOTE)
        history.apply(replace(reached, verdict=verdict))
    words = {"spared": "spared by lot", "bought": "8 more pairs", "shorter": "shorter, not worse"}
    standing = history.standings[name]
    lines = text(log(history, EXAMPLE_PRIMARY, None), 200).splitlines()
    (line,) = [line for line in lines if line.split()[0] == str(standing.candidate.index)]
    assert words[kind] in line
    shown = text(show(standing, history, EXAMPLE_PRIMARY))
    long = {
        "spared": "would have rejected it: gain 0.01",
        "bought": "8 more pairs than usual",
        "shorter": "shorter, and not worse by 0.005 bits/byte or more",
    }
    assert long[kind] in shown


def test_an_incumbent_says_that_it_is_claimed_and_what_was_realised(history: History) -> None:
    shown = text(status(history, EXAMPLE_BUDGET, EXAMPLE_PRIMARY), 100)
    assert "claimed: +" in shown
    last = [audit for audit in history.audits if audit.before.number == 0][-1]
    mean = sum(last.differences) / len(last.differences)
    assert f"realised up to F{last.after.number}: {mean:+.3f} [{last.lower:+.3f}" in shown
