"""A history for the terminal: every function returns something Rich can print."""

from dataclasses import fields
from itertools import pairwise

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from filial.core import (
    Budget,
    Candidate,
    Comparison,
    Decision,
    History,
    Metric,
    Spend,
    Standing,
    Verdict,
)
from filial.reports import readings
from filial.reports.check import Terms
from filial.reports.incidents import incidents_line
from filial.reports.instruments.claims import realised_text
from filial.reports.numbers import NONE, RESOURCES, Scale, amount, count, evidence, share
from filial.reports.readings import Row, Step
from filial.reports.remarks import interval_text, remarks
from filial.reports.summary import Summary, summarise
from filial.reports.trust import assess
from filial.reports.trust_panel import trust_line, trust_panel
from filial.reports.words import lines, one_line, short, with_article

STYLES = {
    Decision.PROMOTE: "bold green",
    Decision.REJECT: "red",
    Decision.UNDECIDED: "yellow",
    Decision.VOID: "bold magenta",
}
"""Colour of each decision; the word itself is always there too."""

_WIDE = 110  # columns from which the log has room for reasons
_LAST = 5  # verdicts in the overview


def status(
    history: History, budget: Budget, primary: Metric, terms: Terms | None = None
) -> RenderableType:
    """Returns an overview and below it what speaks for the study, or against it.

    Args:
        history: The study.
        budget: Its ceilings.
        primary: The primary metric.
        terms: What it was promised; by default what a study promises without settings.
    """
    summary, scale = summarise(history, primary), readings.scale(history, primary)
    trust = assess(history, primary, terms or Terms())
    name = history.opened.name if history.opened else "study"
    facts = grid()
    facts.add_row("goal", Text(one_line(history.opened.goal) if history.opened else NONE))
    facts.add_row("state", Text(one_line(readings.state(history))))
    facts.add_row("trust", trust_line(trust))
    facts.add_row("incumbent", incumbent_line(history, primary, scale))
    facts.add_row("judged", counts_line(summary))
    facts.add_row("incidents", incidents_line(history))
    parts: list[RenderableType] = [facts, Text(), spend_table(history.spend, budget)]
    last = [reached.verdict for reached in history.verdicts[-_LAST:]]
    if last:
        parts += [Text(), Text("last verdicts", style="dim"), verdict_lines(last, history, scale)]
    title = Text(one_line(name, 60), style="bold")
    return Group(Panel(Group(*parts), title=title, title_align="left"), trust_panel(trust))


def incumbent_line(history: History, primary: Metric, scale: Scale) -> Text:
    """Returns the incumbent's generation, metric, interval and gain over F0, on up to three lines.

    From F1 on these are claims: sums of what verdicts estimated. Beside them stands what an audit
    found, once there is one.
    """
    taken = readings.steps(history, primary)
    if not taken:
        return Text(NONE)
    last = taken[-1]
    text = Text(f"F{last.generation.number}", style="bold").append(
        f" {short(last.generation.candidate)}  ", style="dim"
    )
    text.append(f"{one_line(primary.name)} {scale.value(last.value)}", style="bold")
    text.append(f" {scale.interval(last.lower, last.upper)} {scale.unit}".rstrip())
    if last.generation.number and taken[0].value is not None:
        text.append(f"\nclaimed: {scale.gain(last.gain)} over F0 at {scale.value(taken[0].value)}")
        text.append(f", 95 % interval {scale.gain_interval(last.gain_lower, last.gain_upper)}")
    if found := realised_text(history.audits, taken, scale):
        text.append(f"\n{found}")
    return text


def counts_line(summary: Summary) -> Text:
    """Returns the number of candidates with each verdict, on one line."""
    verdicts, text = summary.verdicts, Text()
    for decision in Decision:
        n = getattr(verdicts, decision.value.lower())
        text.append(f"{count(n)} {decision}", style=STYLES[decision] if n else "dim").append("  ")
    return text.append("without control arm and canaries", style="dim")


def spend_table(spend: Spend, budget: Budget) -> Table:
    """Returns a line for each resource that is limited or used, with a bar where limited."""
    table = grid()
    for field in fields(Spend):
        used, ceiling = getattr(spend, field.name), getattr(budget, field.name)
        if ceiling is None and not used:
            continue
        text = amount(field.name, used)
        if ceiling is None:
            table.add_row(RESOURCES[field.name], text)
            continue
        part = used / ceiling if ceiling else 1.0
        bar = ProgressBar(total=1.0, completed=min(1.0, part), width=20)
        text = f"{text} of {amount(field.name, ceiling)}"
        table.add_row(RESOURCES[field.name], text, bar, share(part))
    return table


def grid() -> Table:
    """Returns an empty table of names and values without lines."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    return table


def decision_text(verdict: Verdict | None) -> Text:
    """Returns the decision in its colour; a dash without a verdict."""
    if verdict is None:
        return Text(NONE, style="dim")
    return Text(str(verdict.decision), style=STYLES[verdict.decision])


def effect(comparison: Comparison | None, scale: Scale) -> str:
    """Returns the estimated gain with its 95 % interval; empty without a comparison."""
    if comparison is None:
        return ""
    interval = scale.gain_interval(comparison.lower, comparison.upper)
    return f"{scale.gain(comparison.estimate)} {interval}"


def verdict_lines(verdicts: list[Verdict], history: History, scale: Scale) -> Table:
    """Returns one line a verdict: number, decision, effect with interval, hypothesis."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for verdict in verdicts:
        candidate = history.standings[verdict.candidate].candidate
        said = effect(verdict.comparison, scale) or Text("screened", style="dim")
        words = _words(verdict, candidate, history)
        table.add_row(f"#{candidate.index}", decision_text(verdict), said, words)
    return table


def _words(
    verdict: Verdict | None, candidate: Candidate, history: History, limit: int | None = 200
) -> Text:
    """Returns the hypothesis, after what is unusual about its trials."""
    text = Text()
    for remark in remarks(verdict, candidate.id, history):
        text.append(f"{remark}; ", style="italic dim")
    return text.append(one_line(candidate.hypothesis, limit))


def log(
    history: History, primary: Metric, n: int | None = 20, *, is_cut: bool = True
) -> RenderableType:
    """Returns one line a proposal, the latest last; refused proposals are counted below.

    Args:
        history: The study.
        primary: The primary metric.
        n: The most lines to show, the latest; None for all.
        is_cut: Whether long words end where the console does; else lines are as long as they are,
            for a console that is wide enough.
    """
    return _Log(history, primary, n, is_cut=is_cut)


class _Log:
    def __init__(self, history: History, primary: Metric, n: int | None, *, is_cut: bool) -> None:
        rows = sorted(readings.rows(history, primary), key=lambda row: row.candidate.index)
        self._rows = rows if n is None else rows[max(0, len(rows) - n) :]
        self._refused = [(kind, k) for kind, k, _ in readings.failures(history) if k]
        self._scale = readings.scale(history, primary)
        self._history = history
        self._is_cut = is_cut

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # On a narrow console the reasons are left out.
        wide = options.max_width >= _WIDE
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=self._is_cut)
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column("by", no_wrap=True, max_width=18 if self._is_cut else None)
        table.add_column("verdict", no_wrap=True)
        table.add_column("dev", justify="right", no_wrap=True)
        table.add_column("gain [95 %]", no_wrap=True)
        table.add_column("hypothesis", no_wrap=True, ratio=3, overflow="ellipsis")
        if wide:
            table.add_column("reason", no_wrap=True, ratio=2, overflow="ellipsis", style="dim")
        for row in self._rows:
            cells = self._cells(row)
            table.add_row(*(cells if wide else cells[:-1]))
        yield table
        if not self._rows:
            yield Text("no candidate yet", style="dim")
        if self._refused:
            kinds = ", ".join(f"{count(k)} {kind}" for kind, k in self._refused)
            yield Text(f"proposals refused before any trial: {kinds}", style="dim")

    def _cells(self, row: Row) -> tuple[str | Text, ...]:
        candidate, verdict = row.candidate, row.verdict
        by = one_line(candidate.proposer, 18 if self._is_cut else None)
        arm = str(candidate.arm)
        if arm not in ("treatment", by):
            by = f"{one_line(candidate.proposer, 10 if self._is_cut else None)}/{arm}"
        reason = verdict.reason if verdict else str(row.failure or "not judged yet")
        limit = 200 if self._is_cut else None
        return (
            str(candidate.index),
            Text(by),
            decision_text(verdict),
            self._scale.gain(row.dev_gain),
            effect(verdict.comparison if verdict else None, self._scale),
            _words(verdict, candidate, self._history, limit),
            Text(one_line(reason, limit)),
        )


def show(standing: Standing, history: History, primary: Metric, diff: str = "") -> RenderableType:
    """Returns everything about one candidate or generation.

    Args:
        standing: Which one.
        history: The study it belongs to.
        primary: The primary metric.
        diff: Unified diff against its parent, shown highlighted; empty leaves it out.
    """
    scale, candidate = readings.scale(history, primary), standing.candidate
    number = standing.generation
    title = f"F{number}" if number is not None else f"candidate #{candidate.index}"
    facts = grid()
    facts.add_row("id", Text(candidate.id))
    facts.add_row("hypothesis", Text(one_line(candidate.hypothesis)))
    if candidate.index >= 0:
        facts.add_row("by", Text(f"{one_line(candidate.proposer)}, {candidate.arm} arm"))
        facts.add_row("edited from", _named(candidate.parent, history))
    if candidate.predicted:
        predicted = candidate.predicted
        words = f"{scale.gain(predicted.effect)} {one_line(predicted.metric)}"
        facts.add_row("predicted", Text(words))
    if (gain := readings.dev_gain(standing, history, primary)) is not None and number != 0:
        facts.add_row("dev gain", Text(scale.with_unit(scale.gain(gain)) + " (one seed)"))
    _add_remarks(facts, candidate, history)
    if standing.verdict:
        _add_verdict(facts, standing.verdict, history, scale)
    if standing.approval:
        answer = "granted" if standing.approval.granted else "refused"
        by, why = one_line(standing.approval.by), one_line(standing.approval.reason)
        facts.add_row("approval", Text(f"{answer} by {by}: {why}"))
    parts: list[RenderableType] = [facts]
    if standing.trials:
        parts += [Text(), _trials(standing, history, primary)]
    if diff:
        parts += [Text(), Syntax(lines(diff), "diff", theme="ansi_dark", word_wrap=True)]
    return Panel(Group(*parts), title=Text(title, style="bold"), title_align="left")


def _add_remarks(facts: Table, candidate: Candidate, history: History) -> None:
    if candidate.id in history.spared:
        why = one_line(history.spared[candidate.id])
        facts.add_row("spared", Text(f"by lot; a screen would have rejected it: {why}"))
    if n_bought := history.bought.get(candidate.id):
        facts.add_row("bought", Text(f"{count(n_bought)} more pairs than usual"))


def _named(candidate: str, history: History) -> Text:
    standing = history.standings.get(candidate)
    if standing is None:
        return Text(short(candidate))
    number, index = standing.generation, standing.candidate.index
    return Text(f"{f'F{number}' if number is not None else f'#{index}'} {short(candidate)}")


def _add_verdict(facts: Table, verdict: Verdict, history: History, scale: Scale) -> None:
    about = f" as {with_article(verdict.judged)}"
    facts.add_row("verdict", decision_text(verdict).append(about, style=""))
    facts.add_row("because", Text(one_line(verdict.reason)))
    facts.add_row("against", _named(verdict.incumbent, history))
    if verdict.comparison:
        measured = scale.with_unit(effect(verdict.comparison, scale))
        facts.add_row("measured", Text(f"{measured}, {interval_text(verdict)}"))
    if verdict.margin > 0:
        margin = scale.with_unit(scale.value(verdict.margin))
        facts.add_row("claim", Text(f"shorter, and not worse by {margin} or more"))
    if verdict.alpha > 0 and verdict.comparison:
        needed = f"needed {evidence(1 / verdict.alpha)} (alpha {verdict.alpha:.3g})"
        facts.add_row("evidence", f"E {evidence(verdict.comparison.e_value)}, {needed}")
    for guard in verdict.guards:
        state = "holds" if guard.holds else "FAILS"
        since = "" if guard.since_f0 is None else f", since F0 at least {guard.since_f0:.4g}"
        harm = f"harm at most {guard.harm:.4g}{since}, tolerance {guard.tolerance:.4g}"
        facts.add_row("guard", Text(f"{one_line(guard.metric)} {state}: {harm}"))


def _trials(standing: Standing, history: History, primary: Metric) -> RenderableType:
    """Its trials as a challenger, each with the paired gain; those as an incumbent in one line."""
    scale, own = readings.scale(history, primary), readings.own_trials(standing)
    faced = history.standings.get(standing.verdict.incumbent) if standing.verdict else None
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("trial", no_wrap=True)
    table.add_column(Text(one_line(primary.name, 24)), justify="right", no_wrap=True)
    table.add_column("gain", justify="right", no_wrap=True)
    table.add_column("others, or why not", overflow="fold")
    table.add_column("CPU", justify="right", no_wrap=True)
    for label, trial in own.items():
        others = ", ".join(
            f"{one_line(m.metric)} {m.value:.5g}"
            for m in trial.measurements
            if m.metric != primary.name
        )
        value = readings.value_of(trial, primary)
        before = readings.value_of(faced.trials.get(label) if faced else None, primary)
        gain = None if value is None or before is None else primary.gain(before, value)
        table.add_row(
            Text(one_line(label, 32)),
            scale.value(value),
            scale.gain(gain),
            Text(one_line(str(trial.failure), 300) if trial.failure else others),
            amount("cpu_s", trial.spend.cpu_s),
        )
    n_others = len(standing.trials) - len(own)
    if not n_others:
        return table
    return Group(table, Text(f"and {count(n_others)} trials as the incumbent", style="dim"))


def lineage(history: History, primary: Metric) -> Tree:
    """Returns the promoted generations F0, F1, …, each with its gain and hypothesis."""
    scale = readings.scale(history, primary)
    taken = readings.steps(history, primary)
    if not taken:
        return Tree(Text("no generation yet", style="dim"))
    first = scale.with_unit(scale.value(taken[0].value))
    tree = Tree(Text.assemble(("F0", "bold"), f" {short(taken[0].candidate.id)}  {first}"))
    for before, step in pairwise(taken):
        tree.add(_generation(before, step, scale))
    return tree


def _generation(before: Step, step: Step, scale: Scale) -> Text:
    text = Text.assemble(
        (f"F{step.generation.number}", "bold"), f" {short(step.generation.candidate)}  "
    )
    text.append(scale.value(step.value), style="bold").append("  ")
    text.append(effect(step.verdict.comparison if step.verdict else None, scale), style="green")
    if step.candidate.parent != before.generation.candidate:
        text.append(f"  edited from {short(step.candidate.parent)}", style="dim")
    return text.append(f"\n{one_line(step.candidate.hypothesis, 200)}")
