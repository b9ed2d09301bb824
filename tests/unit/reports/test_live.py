"""A running study, on a terminal and in a pipe."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from filial.core import (
    Budget,
    Calibrated,
    Decision,
    EvidenceBought,
    History,
    Noise,
    Promoted,
    RunStopped,
    Spared,
    Spend,
    VerdictReached,
)
from filial.reports import LiveView, QuietView
from filial.reports.live import _Screen, time_left
from filial.testing.histories import EXAMPLE_BUDGET, EXAMPLE_PRIMARY, example_events


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def replayed(view: LiveView | QuietView | _Screen, clock: Clock, n: int = 40) -> History:
    history = History()
    for event in example_events(n, 3):
        history.apply(event.body)
        clock.now += 1.0
        view.event(event, history)
    return history


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def screen(clock: Clock) -> _Screen:
    return _Screen(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, clock)


def drawn(screen: _Screen, height: int = 30) -> str:
    console = Console(file=io.StringIO(), width=80, record=True)
    console.print(screen.draw(height))
    return console.export_text()


def test_a_pipe_gets_one_plain_line_a_verdict(clock: Clock) -> None:
    out = io.StringIO()
    with LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, Console(file=out), clock) as view:
        view.worker(0, "auditing the exam")
        view.worker(0, "")
        history = replayed(view, clock)
        view.worker(0, "dev")
    lines = out.getvalue().splitlines()
    assert lines[0].endswith("  auditing the exam"), "what takes seconds before the first event"
    assert not any("dev" in line.split() for line in lines)
    verdicts = [line for line in lines if any(f" {d} " in line for d in Decision)]
    assert len(verdicts) == len(history.verdicts)
    assert sum("incumbent is now F" in line for line in lines) == len(history.generations) - 1
    assert sum("calibrat" in line for line in lines) == 2
    assert "\x1b" not in out.getvalue()


def test_a_terminal_is_redrawn_and_left_with_the_last_state(clock: Clock) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=40, color_system=None)
    with LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, console, clock) as view:
        history = replayed(view, clock)
    assert f"F{history.incumbent.number} {history.incumbent.candidate[:7]}" in out.getvalue()
    assert out.getvalue().count("isolation L3") <= 3, "events must not redraw by themselves"


def test_screen_counts_each_candidate_once(screen: _Screen, clock: Clock) -> None:
    history = replayed(screen, clock)
    n = sum(
        s.verdict is not None and s.verdict.decision is Decision.REJECT
        for s in history.standings.values()
        if s.candidate.arm != "control"
    )
    assert f"{n} REJECT" in drawn(screen)
    assert "placebos promoted: 0 of" in drawn(screen)


def test_screen_picks_up_a_study_that_went_on_before(screen: _Screen, clock: Clock) -> None:
    history = History()
    events = example_events(40, 3)
    for event in events:
        history.apply(event.body)
    screen.event(events[-1], history)
    shown = drawn(screen)
    assert f"F{history.incumbent.number}" in shown
    assert sum(line.startswith("│ #") for line in shown.splitlines()) == 6


def test_worker_lines_show_elapsed_time(screen: _Screen, clock: Clock) -> None:
    screen.worker(0, "confirm 3/10 · F2 vs a1b2c3 · build")
    clock.now = 42.0
    screen.worker(0, "confirm 3/10 · F2 vs a1b2c3 · build")
    line = next(line for line in drawn(screen).splitlines() if "worker 1" in line)
    assert "confirm 3/10 · F2 vs a1b2c3 · build" in line
    assert "42 s" in line
    screen.worker(0, "")
    assert drawn(screen).count("idle") == 2


def test_many_workers_leave_room_for_the_rest(clock: Clock) -> None:
    screen = _Screen(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 64, clock)
    assert len(drawn(screen, height=24).splitlines()) <= 24
    assert "and 60 more workers" in drawn(screen, height=24)


def test_screen_is_patient_before_the_first_event(screen: _Screen) -> None:
    assert "no incumbent yet" in drawn(screen)


def test_bar_shows_the_most_used_ceiling(clock: Clock) -> None:
    budget = Budget(wall_s=1e6, candidates=50)
    screen = _Screen(budget, EXAMPLE_PRIMARY, 1, clock)
    replayed(screen, clock)
    assert "proposals" in drawn(screen)
    assert "40 of 50" in drawn(screen)


def test_no_ceiling_no_bar(clock: Clock) -> None:
    screen = _Screen(Budget(), EXAMPLE_PRIMARY, 1, clock)
    assert "no budget set" in drawn(screen)


def test_time_left_is_until_the_first_ceiling() -> None:
    budget = Budget(wall_s=100.0, trials=20)
    first, now = Spend(wall_s=10.0, trials=0), Spend(wall_s=20.0, trials=5)
    # 80 s of wall clock are left, but 15 trials at 0.5 a second last 30 s.
    assert time_left(budget, first, now, 10.0) == pytest.approx(30.0)
    assert time_left(budget, first, now, 0.0) is None
    assert time_left(Budget(usd=1.0), first, now, 10.0) is None


def test_quiet_view_takes_everything_and_says_nothing(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with QuietView() as view:
        view.worker(0, "dev")
        replayed(view, clock)
    assert capsys.readouterr() == ("", "")


def test_example_has_what_the_views_are_tested_on() -> None:
    bodies = [event.body for event in example_events(40, 3)]
    assert any(isinstance(b, Promoted) and b.generation.number for b in bodies)
    assert any(isinstance(b, VerdictReached) and b.verdict.alpha > 0 for b in bodies)


def terminal(out: io.StringIO) -> Console:
    return Console(file=out, force_terminal=True, width=80, height=40, color_system=None)


def test_a_question_stands_below_the_display_and_above_the_next_one(clock: Clock) -> None:
    out = io.StringIO()
    with LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, terminal(out), clock) as view:
        replayed(view, clock)
        view.pause()
        before = len(out.getvalue())
        out.write("Promote? [y/N] ")
        view.event(example_events(40, 3)[-1], History())
        assert out.getvalue()[before:] == "Promote? [y/N] ", "it drew over the question"
        view.go_on()
    shown = out.getvalue()
    assert "╯" in shown[:before]
    assert "╰" in shown[before:]


def test_a_view_in_a_pipe_has_nothing_to_pause(clock: Clock) -> None:
    out = io.StringIO()
    views: list[LiveView | QuietView] = [
        LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, Console(file=out), clock),
        QuietView(),
    ]
    for view in views:
        with view:
            view.pause()
            view.go_on()
    assert out.getvalue() == ""


def test_two_columns_stay_free_for_an_echoed_control_c(screen: _Screen, clock: Clock) -> None:
    replayed(screen, clock)
    screen._title = "a title that is much longer than any terminal is wide " * 3
    console = Console(file=io.StringIO(), width=80, record=True)
    console.print(screen.draw(24, 78))
    assert {len(line) for line in console.export_text().splitlines()} == {78}


def test_a_run_that_cannot_begin_leaves_no_display(clock: Clock) -> None:
    out = io.StringIO()
    view = LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, terminal(out), clock)
    with pytest.raises(RuntimeError), view:
        raise RuntimeError
    lines = out.getvalue().count("\n")
    assert out.getvalue().count("\x1b[2K") >= lines, "every line is erased again"


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("stopped by SIGINT", "stopped by SIGINT"),
        ("the budget is used up: wall_s", "stopped: the budget is used up: wall_s"),
    ],
)
def test_the_end_is_named_once(screen: _Screen, clock: Clock, reason: str, shown: str) -> None:
    history = replayed(screen, clock)
    last = example_events(40, 3)[-1]
    screen.event(replace(last, body=RunStopped(reason=reason)), history)
    (line,) = [line for line in drawn(screen).splitlines() if reason in line]
    assert line.strip("│ ") == shown


def special_events(history: History) -> list[Spared | EvidenceBought]:
    name = history.incumbent.candidate
    return [
        Spared(candidate=name, reason="too small a gain"),
        EvidenceBought(candidate=name, n_pairs=8, reason="8 more would be enough"),
    ]


def test_a_pipe_says_who_is_spared_and_who_gets_more_pairs(clock: Clock) -> None:
    out = io.StringIO()
    with LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, Console(file=out), clock) as view:
        history = replayed(view, clock)
        event = example_events(40, 3)[-1]
        for body in special_events(history):
            view.event(replace(event, body=body), history)
    index = history.standings[history.incumbent.candidate].candidate.index
    assert f"#{index} is spared by lot: too small a gain" in out.getvalue()
    assert f"#{index} gets 8 more pairs: 8 more would be enough" in out.getvalue()


def test_a_screen_says_so_until_the_next_verdict(screen: _Screen, clock: Clock) -> None:
    history = replayed(screen, clock)
    event = example_events(40, 3)[-1]
    for body in special_events(history):
        screen.event(replace(event, body=body), history)
    assert "gets 8 more pairs" in drawn(screen)
    again = history.verdicts[-1]
    history.apply(again)
    screen.event(replace(event, body=again), history)
    assert "gets 8 more pairs" not in drawn(screen)


def test_one_value_is_no_noise(clock: Clock) -> None:
    out = io.StringIO()
    with LiveView(EXAMPLE_BUDGET, EXAMPLE_PRIMARY, 2, Console(file=out), clock) as view:
        history, event = History(), example_events(0, 3)[-1]
        body = Calibrated(noise=Noise(sigma=0.0, n_values=1), screen_k=0)
        view.event(replace(event, body=body), history)
    assert "A/A noise unknown" in out.getvalue()
