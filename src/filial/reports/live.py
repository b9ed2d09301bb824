"""A study while it runs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from filial.core import (
    Arm,
    Audited,
    Budget,
    Calibrated,
    CalibrationPlanned,
    Decision,
    Event,
    EvidenceBought,
    History,
    Metric,
    Promoted,
    RunStopped,
    Spared,
    Spend,
    TrialFinished,
    Verdict,
    VerdictReached,
)
from filial.reports import readings
from filial.reports.numbers import RESOURCES, amount, count, duration, share
from filial.reports.remarks import remark_of, remarks, sigma_text
from filial.reports.tables import STYLES, effect, incumbent_line, verdict_lines
from filial.reports.words import one_line

_REFRESHES_PER_S = 4
_LAST = 6  # verdicts shown
_OTHER_LINES = 20  # lines of the display that are not workers


class LiveView:
    """Shows a running study: redrawn in place on a terminal, plain lines anywhere else.

    Use it as a context manager; :meth:`event` and :meth:`worker` may be called from one thread
    while the display redraws from another. Each costs microseconds; drawing happens four times a
    second however many events arrive.

    Args:
        budget: The study's ceilings.
        primary: The primary metric.
        n_workers: Number of workers, each with its own line.
        console: Where to draw.
        clock: Returns seconds from any fixed point, never going back.
    """

    def __init__(
        self,
        budget: Budget,
        primary: Metric,
        n_workers: int,
        console: Console,
        clock: Callable[[], float],
    ) -> None:
        self._screen = _Screen(budget, primary, n_workers, clock)
        self._lines = _Lines(primary, console, clock)
        self._live = None
        if console.is_interactive:
            self._live = Live(
                console=console,
                refresh_per_second=_REFRESHES_PER_S,
                # Two columns stay free: an echoed ^C there moves no line that is redrawn.
                get_renderable=lambda: self._screen.draw(console.height, console.width - 2),
            )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._screen.rest()
            # Where a run could not even begin, its error is all there is to see.
            self._live.transient = error is not None and not self._screen.has_begun
            self._live.stop()

    def pause(self) -> None:
        """Stops drawing, below the last state: the terminal is free for a question."""
        if self._live:
            self._live.stop()

    def go_on(self) -> None:
        """Draws again, below whatever was written meanwhile."""
        if self._live:
            self._live.start()

    def event(self, event: Event, history: History) -> None:
        """Takes note of an event; ``history`` is the state after it."""
        if self._live:
            self._screen.event(event, history)
        else:
            self._lines.event(event, history)

    def worker(self, worker: int, text: str) -> None:
        """Takes note of what a worker does now.

        Args:
            worker: Its number, from 0.
            text: What it does: ``"confirm 3/10 · F2 vs a1b2c3 · build"``; empty when idle.
        """
        if self._live:
            self._screen.worker(worker, text)
        else:
            self._lines.worker(text)


class QuietView:
    """Shows nothing: for output that programs read. Same methods as :class:`LiveView`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def pause(self) -> None:
        """Has nothing to pause."""

    def go_on(self) -> None:
        """Has nothing to draw."""

    def event(self, event: Event, history: History) -> None:
        """Ignores the event."""

    def worker(self, worker: int, text: str) -> None:
        """Ignores the worker."""


def time_left(budget: Budget, first: Spend, now: Spend, elapsed_s: float) -> float | None:
    """Returns the seconds until the first ceiling is reached at the pace of this session.

    Args:
        budget: The ceilings.
        first: Consumption when the session began.
        now: Consumption now.
        elapsed_s: Seconds between the two.

    Returns:
        Seconds; None if nothing limited is being consumed.
    """
    lefts = []
    for field in fields(Budget):
        ceiling, used = getattr(budget, field.name), getattr(now, field.name)
        pace = (used - getattr(first, field.name)) / elapsed_s if elapsed_s > 0 else 0.0
        if ceiling is not None and pace > 0:
            lefts.append(max(0.0, ceiling - used) / pace)
    return min(lefts, default=None)


class _Lines:
    """One plain line for each calibration, verdict and promotion, without control codes.

    Until there is anything of the kind, one for what is being done: that may take seconds.
    """

    def __init__(self, primary: Metric, console: Console, clock: Callable[[], float]) -> None:
        self._primary, self._console, self._clock = primary, console, clock
        self._began = clock()
        self._is_starting = True

    def event(self, event: Event, history: History) -> None:
        self._is_starting = False
        self._print(self._line(event, history))

    def worker(self, text: str) -> None:
        if self._is_starting:
            self._print(one_line(text))

    def _print(self, line: str) -> None:
        if line:
            elapsed = duration(self._clock() - self._began)
            self._console.print(
                f"{elapsed:>11}  {line}",
                markup=False,
                highlight=False,
                emoji=False,
                soft_wrap=True,
            )

    def _line(self, event: Event, history: History) -> str:
        scale = readings.scale(history, self._primary)
        match event.body:
            case CalibrationPlanned(n_trials=n):
                return f"calibrating on {n} trials of F0"
            case Calibrated(noise=noise, generation=0):
                return f"calibrated: A/A noise {sigma_text(noise, scale)}"
            case Spared(reason=reason) | EvidenceBought(reason=reason):
                return f"{remark_of(event.body, history)}: {one_line(reason)}"
            case VerdictReached(verdict=verdict):
                candidate = history.standings[verdict.candidate].candidate
                parts = (
                    f"#{candidate.index} {one_line(candidate.proposer)} {verdict.decision}",
                    ", ".join(remarks(verdict, candidate.id, history)),
                    effect(verdict.comparison, scale),
                    f"{one_line(candidate.hypothesis)} | {one_line(verdict.reason)}",
                )
                return "  ".join(filter(None, parts))
            case Promoted(generation=generation):
                now = incumbent_line(history, self._primary, scale).plain.replace("\n", "  ")
                return f"incumbent is now {now}" if generation.number else ""
            case _:
                return ""


class _Screen:
    """What the display shows; ``event`` prepares it, ``draw`` only puts it together."""

    def __init__(
        self, budget: Budget, primary: Metric, n_workers: int, clock: Callable[[], float]
    ) -> None:
        self._budget, self._primary, self._clock = budget, primary, clock
        self._workers = dict.fromkeys(range(n_workers), ("", clock()))
        self._began = clock()
        self._first: Spend | None = None
        self._spend = Spend()
        self._title = "study"
        self._phase = "starting"
        self._remark = ""
        self._incumbent = Text("no incumbent yet", style="dim")
        self._counts = Text()
        self._verdicts: RenderableType = Text("no verdict yet", style="dim")
        self._decisions: dict[str, tuple[Arm, Decision]] = {}
        self._n_by_decision: Counter[tuple[Arm, Decision]] = Counter()
        self._n_seen = 0
        self._n_planned = 0

    @property
    def has_begun(self) -> bool:
        return self._first is not None

    def worker(self, worker: int, text: str) -> None:
        if self._workers.get(worker, ("", 0.0))[0] != text:
            # A new dictionary: the drawing thread may be going over the old one.
            self._workers = {**self._workers, worker: (text, self._clock())}

    def rest(self) -> None:
        self._workers = {}

    def event(self, event: Event, history: History) -> None:
        self._spend = history.spend
        if self._first is None:
            self._first, self._began = history.spend, self._clock()
            self._take_study(history)
        self._remark = remark_of(event.body, history) or self._remark
        match event.body:
            case CalibrationPlanned(n_trials=n):
                self._n_planned = n
            case TrialFinished() if history.noise is None:
                self._take_study(history)
            case Calibrated() | Promoted() | Audited():
                self._take_study(history)
            case RunStopped(reason=reason):
                self._phase, self._remark = one_line(readings.ending(reason)), ""
            case _:
                pass
        if len(history.verdicts) > self._n_seen:
            self._take_verdicts(history)

    def _take_study(self, history: History) -> None:
        if history.opened:
            self._title = f"{one_line(history.opened.name, 40)} · {one_line(history.opened.goal)}"
        scale = readings.scale(history, self._primary)
        if history.generations:
            self._incumbent = incumbent_line(history, self._primary, scale)
        self._phase = f"isolation {history.level}" if history.level else ""
        if history.noise is None and history.generations:
            done = len(readings.baseline_values(history, self._primary))
            self._phase = f"calibrating: {done} of {self._n_planned or '?'} trials of F0"

    def _take_verdicts(self, history: History) -> None:
        for reached in history.verdicts[self._n_seen :]:
            candidate, now = reached.verdict.candidate, (reached.arm, reached.verdict.decision)
            if candidate in self._decisions:
                self._n_by_decision[self._decisions[candidate]] -= 1
            self._n_by_decision[now] += 1
            self._decisions[candidate] = now
        self._n_seen, self._remark = len(history.verdicts), ""
        last: list[Verdict] = [reached.verdict for reached in history.verdicts[-_LAST:]]
        self._verdicts = verdict_lines(last, history, readings.scale(history, self._primary))
        self._counts = self._count(self._n_by_decision)

    @staticmethod
    def _count(counts: Counter[tuple[Arm, Decision]]) -> Text:
        text = Text()
        for decision in Decision:
            n = counts[Arm.TREATMENT, decision] + counts[Arm.PLACEBO, decision]
            text.append(f"{count(n)} {decision}", style=STYLES[decision] if n else "dim")
            text.append("  ")
        placebos = sum(n for (arm, _), n in counts.items() if arm is Arm.PLACEBO)
        promoted = counts[Arm.PLACEBO, Decision.PROMOTE]
        style = "bold red" if promoted else "dim"
        return text.append(f"placebos promoted: {promoted} of {count(placebos)}", style=style)

    def draw(self, height: int, width: int | None = None) -> RenderableType:
        """Returns the display, ``width`` columns wide, for a terminal of ``height`` lines."""
        parts: list[RenderableType] = [self._incumbent]
        if self._counts:
            parts.append(self._counts)
        if self._phase:
            last = f"; {self._remark}" if self._remark else ""
            parts.append(Text(f"{self._phase}{last}", style="dim"))
        if self._workers:
            parts += [Text(), self._draw_workers(max(2, height - _OTHER_LINES))]
        parts += [Text(), self._verdicts, Text(), self._draw_budget()]
        title = Text(self._title, style="bold", overflow="ellipsis", no_wrap=True)
        return Constrain(Panel(Group(*parts), title=title, title_align="left"), width)

    def _draw_workers(self, most: int) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        table.add_column(justify="right", style="dim", no_wrap=True)
        workers, now = self._workers, self._clock()
        for number, (text, since) in list(workers.items())[:most]:
            elapsed = (
                f"{max(0.0, now - since):.0f} s" if now - since < 60 else duration(now - since)
            )
            shown = Text(one_line(text, 200)) if text else Text("idle", style="dim")
            table.add_row(f"worker {number + 1}", shown, elapsed if text else "")
        if len(workers) > most:
            table.add_row("", Text(f"and {len(workers) - most} more workers", style="dim"), "")
        return table

    def _draw_budget(self) -> RenderableType:
        elapsed = self._clock() - self._began
        first = self._first or Spend()
        spend = replace(
            self._spend, wall_s=max(self._spend.wall_s, first.wall_s + max(0.0, elapsed))
        )
        shares = {
            f.name: getattr(spend, f.name) / ceiling if ceiling else 1.0
            for f in fields(Budget)
            if (ceiling := getattr(self._budget, f.name)) is not None
        }
        if not shares:
            return Text(f"no budget set; {duration(spend.wall_s)} so far", style="dim")
        name = max(shares, key=lambda key: shares[key])
        used, ceiling = getattr(spend, name), getattr(self._budget, name)
        left = time_left(self._budget, first, spend, elapsed)
        words = f"{share(shares[name])}, {amount(name, used)} of {amount(name, ceiling)}"
        if left is not None:
            words += f"; about {duration(left)} left"
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(no_wrap=True)
        bar = ProgressBar(total=1.0, completed=min(1.0, shares[name]))
        table.add_row(RESOURCES[name], bar, words)
        return table
