"""One self-contained HTML file: what improved, by how much, at what cost, and why to trust it."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import resources
from pathlib import Path

import filial
from filial.core import Arm, Budget, History, Metric, Spend
from filial.reports import charts, readings
from filial.reports.check import Terms
from filial.reports.instruments.arms import placebo_text
from filial.reports.instruments.arms import read as read_arm
from filial.reports.instruments.claims import audit_line, realised_text
from filial.reports.numbers import (
    NONE,
    RESOURCES,
    Scale,
    amount,
    count,
    duration,
    evidence,
    money,
)
from filial.reports.race import Race, race, race_text
from filial.reports.readings import Row, Step
from filial.reports.remarks import interval_text, remarks, sigma_text
from filial.reports.summary import summarise
from filial.reports.trust import assess
from filial.reports.words import lines, one_line, with_article

_DIFF_LINES = 2000  # of one generation; more would make the page slow


def write_report(
    path: Path,
    history: History,
    *,
    budget: Budget,
    primary: Metric,
    diffs: Mapping[int, str],
    terms: Terms | None = None,
) -> None:
    """Writes the report of a study; it opens offline and loads nothing.

    Args:
        path: The file to write; replaced if it exists.
        history: The study.
        budget: Its ceilings.
        primary: The primary metric.
        diffs: Number of a generation to its unified diff against the one before.
        terms: What the study was promised; by default what one promises without settings.

    What this does not cover: text from candidates is escaped and the page's policy lets no script
    run but its own, but a hypothesis can still say something untrue.
    """
    page = render(history, budget=budget, primary=primary, diffs=diffs, terms=terms)
    path.write_text(page, encoding="utf-8")


def render(
    history: History,
    *,
    budget: Budget,
    primary: Metric,
    diffs: Mapping[int, str],
    terms: Terms | None = None,
) -> str:
    """Returns the report as text; the arguments are those of :func:`write_report`."""
    import jinja2  # noqa: PLC0415 - not needed to start
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("filial.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, one_line=one_line, unbroken=_unbroken)
    scale, taken = readings.scale(history, primary), readings.steps(history, primary)
    rows, summary = readings.rows(history, primary), summarise(history, primary)
    ran = race(history, primary)
    drawn = _figures(taken, rows, ran, primary, scale)
    scripts = [_plotly(), _asset("report.js")]
    return environment.get_template("report.html.j2").render(
        opened=history.opened,
        history=history,
        primary=primary,
        scale=scale,
        steps=taken,
        summary=summary,
        trust=assess(history, primary, terms or Terms()),
        realised=realised_text(history.audits, taken, scale),
        charts=drawn,
        figures={name: chart.figure for name, chart in drawn.items()},
        race_text=race_text(ran, primary, scale),
        placebo_text=placebo_text(read_arm(history, Arm.PLACEBO)),
        lineage=_lineage(taken, rows, diffs, history, scale),
        table=_table(rows, history, scale),
        failures=readings.failures(history),
        arms=_arms(history),
        budget=_budget(history.spend, budget),
        audits=[audit_line(a, taken, scale) for a in history.audits],
        facts=_facts(history, primary, scale),
        cost=_cost(history.spend),
        version=filial.__version__,
        style=Markup(_asset("report.css")),  # noqa: S704 - our own file
        scripts=[Markup(s) for s in scripts],  # noqa: S704 - our own file, and Plotly
        script_hashes=[_hash(s) for s in scripts],
    )


def _unbroken(text: str) -> str:
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _asset(name: str) -> str:
    return resources.files("filial.reports").joinpath("templates", name).read_text("utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - plotly is slow to import

    # A browser hashes the script with normalised line ends.
    return str(get_plotlyjs()).replace("\r\n", "\n").replace("</script", "<\\/script")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _figures(
    taken: Sequence[Step],
    rows: Sequence[Row],
    ran: Race | None,
    primary: Metric,
    scale: Scale,
) -> dict[str, charts.Chart]:
    figures = {}
    if taken and taken[0].value is not None and rows:
        figures["incumbent"] = charts.incumbent(taken, rows, primary, scale)
    if (forest := charts.forest(rows, primary, scale)) is not None:
        figures["forest"] = forest
    if ran is not None:
        figures["race"] = charts.race(ran)
    return figures


def _lineage(
    taken: Sequence[Step],
    rows: Sequence[Row],
    diffs: Mapping[int, str],
    history: History,
    scale: Scale,
) -> list[dict[str, object]]:
    by_id = {row.candidate.id: row for row in rows}
    return [
        {
            "number": step.generation.number,
            "id": step.generation.candidate,
            "commit": step.generation.commit,
            "hypothesis": one_line(step.candidate.hypothesis),
            "by": one_line(step.candidate.proposer),
            "value": scale.value(step.value),
            "interval": scale.interval(step.lower, step.upper),
            "predicted": scale.gain(p.effect) if (p := step.candidate.predicted) else NONE,
            "verdict": _verdict(step, history, scale),
            "approval": _approval(history, step),
            "cost": _cost(row.spend) if (row := by_id.get(step.candidate.id)) else "",
            "diff": _diff(diffs.get(step.generation.number, "")),
        }
        for step in taken
    ]


def _verdict(step: Step, history: History, scale: Scale) -> dict[str, str]:
    verdict = step.verdict
    if verdict is None or (c := verdict.comparison) is None:
        return {}
    guards = "; ".join(
        f"{one_line(g.metric)} {'holds' if g.holds else 'fails'}, harm at most {g.harm:.4g} "
        f"of {g.tolerance:.4g}"
        for g in verdict.guards
    )
    return {
        "gain": scale.gain(c.estimate),
        "interval": f"{scale.gain_interval(c.lower, c.upper)}, {interval_text(verdict)}",
        "evidence": f"E {evidence(c.e_value)} from {len(c.differences)} pairs"
        + (f", {evidence(1 / verdict.alpha)} needed" if verdict.alpha > 0 else ""),
        "judged": with_article(verdict.judged),
        "remarks": "; ".join(remarks(verdict, verdict.candidate, history)),
        "guards": guards,
    }


def _approval(history: History, step: Step) -> str:
    approval = history.standings[step.candidate.id].approval
    return f"{one_line(approval.by)}: {one_line(approval.reason)}" if approval else ""


def _diff(diff: str) -> list[tuple[str, str]]:
    """Each line of a unified diff with its class, for colour."""
    every = lines(diff).splitlines()
    marked = [(_diff_class(line), line) for line in every[:_DIFF_LINES]]
    if len(every) > _DIFF_LINES:
        marked.append(("meta", f"… and {count(len(every) - _DIFF_LINES)} more lines"))
    return marked


def _diff_class(line: str) -> str:
    if line.startswith(("diff ", "index ", "--- ", "+++ ", "new file", "deleted file")):
        return "meta"
    return {"+": "add", "-": "del", "@": "hunk"}.get(line[:1], "same")


def _table(rows: Sequence[Row], history: History, scale: Scale) -> dict[str, object]:
    """The rows as short lists, drawn by ``report.js`` in pages; the order is its columns'."""
    return {
        "decimals": scale.decimals,
        "rows": [_cells(row, history) for row in sorted(rows, key=lambda r: r.candidate.index)],
    }


def _cells(row: Row, history: History) -> list[str | float | None]:
    verdict, candidate = row.verdict, row.candidate
    c = verdict.comparison if verdict else None
    reason = verdict.reason if verdict else str(row.failure or "")
    reason = "; ".join([*remarks(verdict, candidate.id, history), reason])
    return [
        candidate.index,
        str(candidate.arm),
        one_line(candidate.proposer, 40),
        one_line(candidate.hypothesis, 400),
        one_line(reason, 400),
        str(verdict.decision) if verdict else "",
        row.generation,
        charts.finite(row.dev_gain),
        charts.finite(c.estimate) if c else None,
        charts.finite(c.lower) if c else None,
        charts.finite(c.upper) if c else None,
        charts.finite(c.e_value) if c else None,
        len(c.differences) if c else None,
        round(row.spend.cpu_s, 1),
    ]


def _arms(history: History) -> list[tuple[str, str, str, str, str, str]]:
    return [
        (
            str(arm),
            count(spend.candidates),
            count(spend.trials),
            duration(spend.cpu_s),
            count(spend.tokens),
            money(spend.usd),
        )
        for arm in Arm
        if (spend := history.spend_by_arm.get(arm)) is not None
    ]


def _budget(spend: Spend, budget: Budget) -> list[tuple[str, str, str, float | None]]:
    """Name, used, ceiling and share used (at most 1) of each limited or used resource."""
    taken: list[tuple[str, str, str, float | None]] = []
    for field in fields(Spend):
        used, ceiling = getattr(spend, field.name), getattr(budget, field.name)
        name = RESOURCES[field.name]
        if ceiling is not None:
            part = min(1.0, used / ceiling) if ceiling else 1.0
            taken.append((name, amount(field.name, used), amount(field.name, ceiling), part))
        elif used:
            taken.append((name, amount(field.name, used), "no ceiling", None))
    return taken


def _cost(spend: Spend) -> str:
    """The cost in few words: time, money where there was any, trials."""
    parts = [f"{duration(spend.cpu_s)} CPU"] if spend.cpu_s else []
    parts += [f"{duration(spend.gpu_s)} GPU"] if spend.gpu_s else []
    parts += [money(spend.usd)] if spend.usd else []
    return ", ".join([*parts, f"{count(spend.trials)} trials"])


def _facts(history: History, primary: Metric, scale: Scale) -> list[tuple[str, str]]:
    facts = [
        ("primary metric", f"{primary.name}, {primary.unit or 'no unit'}, {primary.direction}"),
        ("smallest effect", scale.with_unit(f"{primary.smallest_effect:g}")),
        ("isolation level", ", ".join(readings.levels(history)) or NONE),
        ("state", readings.state(history)),
    ]
    if history.noise:
        facts.append(("A/A noise", sigma_text(history.noise, scale)))
    if history.opened:
        o = history.opened
        facts += [("exam", o.exam), ("gate policy", o.policy), ("settings", o.config)]
        facts += [("data", o.data or NONE), ("secret's commitment", o.secret)]
        facts.append(("opened with Filial", o.version))
    return [(name, one_line(value)) for name, value in facts]
