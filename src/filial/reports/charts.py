"""Plotly figures as plain dictionaries; colours are names that the page's style sheet resolves.

A colour is written ``"--name"``, a variable of ``report.css``, so that one figure serves the light
and the dark theme. Plotly reads a small HTML in texts: everything foreign goes through ``_safe``.
"""

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Arm, Decision, Metric
from filial.reports.numbers import Scale, evidence
from filial.reports.race import Race
from filial.reports.readings import Row, Step
from filial.reports.words import one_line, short

Figure = dict[str, object]

_SHOWN = 40  # confirmations in the forest plot
_GROUPS: tuple[tuple[str, str, str, str], ...] = (
    # name, colour, marker, who is in it
    ("promoted", "--promote", "circle", "PROMOTE"),
    ("undecided", "--undecided", "diamond-open", "UNDECIDED"),
    ("rejected", "--reject", "x-thin-open", "REJECT"),
    ("broke the rules", "--void", "square-x-open", "VOID"),
    ("not judged yet", "--muted", "circle-open", ""),
    ("control arm", "--control", "triangle-up-open", "control"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure, and what a reader should know about it.

    Attributes:
        figure: Plotly's ``data`` and ``layout``.
        note: What is left out or cut; empty if nothing is.
    """

    figure: Figure
    note: str = ""


def incumbent(taken: Sequence[Step], rows: Sequence[Row], primary: Metric, scale: Scale) -> Chart:
    """Returns the metric of F0 … F*k* over the trials run, with bands, and every dev value."""
    at = {row.candidate.id: float(row.judged_at.trials) for row in rows}
    end = max(at.values(), default=1.0)
    valued = [step for step in taken if step.value is not None]
    x = [at.get(step.candidate.id, 0.0) for step in valued]
    xs = [*x, end] if valued else []
    data: list[Figure] = _band(valued, xs)
    data += _dots(rows, scale)
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "incumbent",
            "x": xs,
            "y": [s.value for s in (*valued, *valued[-1:])],
            "line": {"shape": "hv", "color": "--accent", "width": 2.5},
            "hoverinfo": "skip",
        }
    )
    data.append(_milestones(valued, x, scale))
    low, high, n_outside = _window(valued, rows)
    layout = _layout("trials run, in the order of verdicts", _axis_title(primary), height=440)
    if low < high:
        layout["yaxis"] = {**_as_dict(layout["yaxis"]), "range": [low, high]}
    note = f"{n_outside} dev values lie beyond the axis; double-click to see them all."
    return Chart(figure={"data": data, "layout": layout}, note=note if n_outside else "")


def _band(valued: Sequence[Step], xs: Sequence[float]) -> list[Figure]:
    steps = [*valued, *valued[-1:]]
    common = {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "hoverinfo": "skip",
        "showlegend": False,
        "line": {"shape": "hv", "width": 0, "color": "--accent"},
    }
    lower = [finite(s.lower) if s.lower is not None else s.value for s in steps]
    upper = [finite(s.upper) if s.upper is not None else s.value for s in steps]
    filled = {"fill": "tonexty", "fillcolor": "--band", "name": "claimed, 95 % interval"}
    return [{**common, "y": lower}, {**common, "y": upper, **filled, "showlegend": True}]


def _dots(rows: Sequence[Row], scale: Scale) -> list[Figure]:
    taken: list[Figure] = []
    for name, colour, symbol, key in _GROUPS:
        group = [row for row in rows if row.dev_value is not None and _group(row) == key]
        if not group:
            continue
        taken.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{name} ({len(group)})",
                "x": [row.screened_at.trials for row in group],
                "y": [row.dev_value for row in group],
                "text": [_hover(row, scale) for row in group],
                "hovertemplate": "%{text}<extra></extra>",
                "visible": "legendonly" if key == "control" else True,
                "marker": {
                    "color": colour,
                    "symbol": symbol,
                    "size": 9 if key == "PROMOTE" else 6,
                    "line": {"color": colour, "width": 1.3},
                },
            }
        )
    return taken


def _group(row: Row) -> str:
    if row.candidate.arm is Arm.CONTROL:
        return "control"
    return str(row.verdict.decision) if row.verdict else ""


def _hover(row: Row, scale: Scale) -> str:
    decision = row.verdict.decision if row.verdict else "not judged yet"
    lines = [f"#{row.candidate.index} {decision}", _safe(row.candidate.hypothesis)]
    lines.append(f"dev {scale.value(row.dev_value)}, gain {scale.gain(row.dev_gain)}")
    if row.verdict and (c := row.verdict.comparison):
        interval = scale.gain_interval(c.lower, c.upper)
        lines.append(f"confirmed on fresh seeds: {scale.gain(c.estimate)} {interval}")
    return "<br>".join(lines)


def _milestones(valued: Sequence[Step], x: Sequence[float], scale: Scale) -> Figure:
    texts = [
        f"F{s.generation.number} {short(s.candidate.id)}<br>{_safe(s.candidate.hypothesis)}<br>"
        f"{scale.value(s.value)} {scale.interval(s.lower, s.upper)}"
        for s in valued
    ]
    crowded = len(valued) > 12
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "generation",
        "showlegend": False,
        "x": list(x),
        "y": [s.value for s in valued],
        "text": [
            "" if crowded and i % 4 and s is not valued[-1] else f"F{s.generation.number}"
            for i, s in enumerate(valued)
        ],
        "textposition": "top right",
        "textfont": {"color": "--ink", "size": 12},
        "customdata": texts,
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {
            "color": "--accent",
            "size": 8,
            "line": {"color": "--paper", "width": 1.5},
        },
    }


def _window(valued: Sequence[Step], rows: Sequence[Row]) -> tuple[float, float, int]:
    """The y range: all steps and the middle 94 % of dev values; and how many lie outside."""
    dots = sorted(r.dev_value for r in rows if r.dev_value is not None and _group(r) != "control")
    cut = int(0.03 * len(dots))
    inner = dots[cut : len(dots) - cut]
    ends = [v for s in valued for v in (s.value, s.lower, s.upper) if finite(v) is not None]
    every = [float(v) for v in (*inner[:1], *inner[-1:], *ends) if v is not None]
    if not every:
        return 0.0, 0.0, 0
    low, high = min(every), max(every)
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - pad, high + pad, sum(not low - pad <= v <= high + pad for v in dots)


def forest(rows: Sequence[Row], primary: Metric, scale: Scale) -> Chart | None:
    """Returns the confirmed effects with intervals, the latest at the top; None without any.

    At most 40 are drawn: all promotions first, then the latest others.
    """
    confirmed = [r for r in rows if r.verdict and r.verdict.alpha > 0 and r.verdict.comparison]
    if not confirmed:
        return None
    others = [row for row in confirmed if row.generation is None]
    promoted = [row for row in confirmed if row.generation is not None][-_SHOWN:]
    kept = {
        r.candidate.id
        for r in (*promoted, *others[max(0, len(others) - _SHOWN + len(promoted)) :])
    }
    shown = [row for row in confirmed if row.candidate.id in kept]
    labels = [_label(row) for row in shown]
    layout = _layout(_gain_title(primary), "", height=96 + 22 * len(shown))
    layout["yaxis"] = {
        "automargin": True,
        "tickmode": "array",
        "tickvals": list(range(len(shown))),
        "ticktext": labels,
        "range": [-0.8, len(shown) - 0.2],
        "gridcolor": "--faint",
        "zeroline": False,
    }
    layout["shapes"] = _marks(primary)
    figure: Figure = {"data": _effects(shown, scale), "layout": layout}
    hidden = len(confirmed) - len(shown)
    note = f"{hidden} earlier confirmations are in the table below only."
    return Chart(figure=figure, note=note if hidden else "")


def _label(row: Row) -> str:
    name = f"F{row.generation}" if row.generation is not None else f"#{row.candidate.index}"
    arm = row.candidate.arm
    return name if arm is Arm.TREATMENT else f"{name} {arm}"


def _marks(primary: Metric) -> list[Figure]:
    def line(at: float, dash: str) -> Figure:
        style = {"color": "--muted", "width": 1.2, "dash": dash}
        return {
            "type": "line",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": style,
        }

    least = primary.smallest_effect
    return [line(0.0, "solid"), *([line(least, "dot")] if least else [])]


def _effects(shown: Sequence[Row], scale: Scale) -> list[Figure]:
    data: list[Figure] = []
    for name, colour, symbol, key in _GROUPS[:4]:
        at = [(i, r) for i, r in enumerate(shown) if r.verdict and r.verdict.decision == key]
        found = [(i, r, r.verdict.comparison) for i, r in at if r.verdict and r.verdict.comparison]
        if not found:
            continue
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name if key != Decision.PROMOTE else "PROMOTE",
                "x": [c.estimate for _, _, c in found],
                "y": [i for i, _, _ in found],
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [finite(c.upper - c.estimate) for _, _, c in found],
                    "arrayminus": [finite(c.estimate - c.lower) for _, _, c in found],
                    "color": colour,
                    "thickness": 1.6,
                    "width": 3,
                },
                "text": [
                    f"{_hover(r, scale)}<br>{len(c.differences)} pairs, E {evidence(c.e_value)}"
                    for _, r, c in found
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"color": colour, "symbol": symbol, "size": 9, "line": {"width": 1.5}},
            }
        )
    return data


def race(taken: Race) -> Chart:
    """Returns the best dev value so far of treatment and control over what they cost."""
    styles = {Arm.TREATMENT: ("--accent", "solid"), Arm.CONTROL: ("--control", "dash")}
    data: list[Figure] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{arm} arm",
            "x": [*(x for x, _ in points), taken.cost],
            "y": [*(y for _, y in points), points[-1][1]],
            "line": {"shape": "hv", "width": 2.5, "color": colour, "dash": dash},
        }
        for arm, (colour, dash) in styles.items()
        for points in [taken.lines[arm]]
    ]
    layout = _layout(f"{taken.unit} spent by the arm", "best dev value so far", height=340)
    return Chart(figure={"data": data, "layout": layout})


def finite(value: float | None) -> float | None:
    """Returns the value, or None if JSON could not hold it."""
    return value if value is not None and math.isfinite(value) else None


def _safe(text: str) -> str:
    return "<br>".join(html.escape(line) for line in textwrap.wrap(one_line(text, 240), 60))


def _axis_title(primary: Metric) -> str:
    return _safe(f"{primary.name} ({primary.unit})" if primary.unit else primary.name)


def _gain_title(primary: Metric) -> str:
    unit = f" in {primary.unit}" if primary.unit else ""
    return _safe(f"gain{unit}, positive is better")


def _as_dict(value: object) -> Figure:
    return dict(value) if isinstance(value, dict) else {}


def _layout(x_title: str, y_title: str, *, height: int) -> Figure:
    axis = {"gridcolor": "--faint", "zeroline": False, "automargin": True, "linecolor": "--faint"}
    return {
        "height": height,
        "margin": {"l": 12, "r": 12, "t": 12, "b": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": 13, "color": "--ink"},
        "hoverlabel": {"align": "left", "bgcolor": "--card", "font": {"color": "--ink"}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {**axis, "title": {"text": x_title, "standoff": 8}},
        "yaxis": {**axis, "title": {"text": y_title, "standoff": 8}},
    }
