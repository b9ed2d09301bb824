"""One drawing of the results: gain, junk and cost of every rule, and of our own by its numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from filial.bench.plan import MIXED_WORLD, SETTINGS
from filial.bench.report import Report
from filial.bench.rules import Gated

WIDTH, HEIGHT = 960, 420
_TOP, _BOTTOM = 60, 350  # of both panels
_LEFT, _RIGHT = (70, 450), (550, 920)
_INK, _OURS, _OTHERS = "#7b828c", "#2f9e6e", "#c2703d"  # for any background
_LETTER, _LINE = 5.9, 14.0  # mean width of a letter, height of a line

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values from ``least`` to ``most``, labelled at every ``step``."""

    title: str
    least: float
    most: float
    step: float
    is_share: bool = False

    @classmethod
    def around(cls, title: str, values: Sequence[float], step: float) -> "Axis":
        """Returns the smallest axis of whole steps with all values within it."""
        least = step * math.floor(min(values) / step)
        most = step * math.ceil(max(values) / step)
        return cls(title, least, max(most, least + step), step)

    def at(self, value: float) -> float:
        """Returns where a value lies, as a share of the axis."""
        return min(max((value - self.least) / (self.most - self.least), 0.0), 1.0)

    def labels(self) -> Iterator[tuple[float, str]]:
        """Yields each labelled value and its label."""
        for k in range(round((self.most - self.least) / self.step) + 1):
            value = self.least + k * self.step
            yield value, f"{value:.0%}".replace("%", " %") if self.is_share else f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A circle with words: x and y in the units of the axes, radius in pixels."""

    x: float
    y: float
    radius: float
    text: str
    colour: str
    is_bold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A pair of axes; ``span`` is its left and right edge, in pixels."""

    title: str
    x: Axis
    y: Axis
    span: tuple[int, int]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Returns where a point is, in pixels."""
        left, right = self.span
        return left + (right - left) * self.x.at(x), _BOTTOM - (_BOTTOM - _TOP) * self.y.at(y)


def draw(report: Report) -> str:
    """Returns the figure as SVG, for light and dark pages alike."""
    rules = list(_of_rules(report))
    settings = list(_of_settings(report))
    gain = "true gain, in sigma"
    left = Panel(
        title="Every rule (builds per candidate)",
        x=Axis("promotions that are no gain", 0.0, 1.0, 0.25, is_share=True),
        y=Axis.around(gain, [0.0, *(mark.y for mark in rules)], 5.0),
        span=_LEFT,
    )
    right = Panel(
        title="Filial, one number changed (false share)",
        x=Axis.around("builds per candidate", [mark.x for mark in settings], 1.0),
        y=Axis.around(gain, [mark.y for mark in settings], 2.0),
        span=_RIGHT,
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="{_INK}">'
    )
    title = "<title>True gain, false promotions and cost of each rule, in the mixed world</title>"
    return "\n".join((head, title, *_panel(left, rules), *_panel(right, settings), "</svg>\n"))


def _of_rules(report: Report) -> Iterator[Mark]:
    for name, score in report.table(MIXED_WORLD.name).scores.items():
        is_ours = name == Gated().name
        yield Mark(
            x=score.fdr,
            y=score.true_gain,
            radius=5 * math.sqrt(score.cost),
            text=f"{name} ({score.cost:.1f})",
            colour=_OURS if is_ours else _OTHERS,
            is_bold=is_ours,
        )


def _of_settings(report: Report) -> Iterator[Mark]:
    for name, score in report.curve.items():
        yield Mark(
            x=score.cost,
            y=score.true_gain,
            radius=5.0,
            text=f"{name} ({score.fdr:.1%})".replace("%", " %"),
            colour=_OURS,
            is_bold=name == SETTINGS[0].name,
        )


def _panel(panel: Panel, marks: Sequence[Mark]) -> Iterator[str]:
    left, right = panel.span
    middle, half = (left + right) / 2, (_TOP + _BOTTOM) / 2
    yield f'<text x="{left}" y="30" font-size="14" font-weight="bold">{panel.title}</text>'
    for value, label in panel.y.labels():
        _, y = panel.at(panel.x.least, value)
        opacity = 1.0 if value == panel.y.least else 0.25
        yield (
            f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{_INK}" '
            f'stroke-opacity="{opacity}"/>'
        )
        yield f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    for value, label in panel.x.labels():
        x, _ = panel.at(value, panel.y.least)
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 20}" text-anchor="middle">{label}</text>'
    yield f'<text x="{middle}" y="{_BOTTOM + 42}" text-anchor="middle">{panel.x.title}</text>'
    yield (
        f'<text x="{left - 40}" y="{half}" text-anchor="middle" '
        f'transform="rotate(-90 {left - 40} {half})">{panel.y.title}</text>'
    )
    yield from _marks(panel, marks)


def _marks(panel: Panel, marks: Sequence[Mark]) -> Iterator[str]:
    """Circles, and their words wherever beside them there is room."""
    taken: list[Box] = []
    for mark in marks:
        x, y = panel.at(mark.x, mark.y)
        r = mark.radius
        taken.append((x - r, y - r, x + r, y + r))
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{mark.colour}" '
            f'fill-opacity="0.6" stroke="{mark.colour}"/>'
        )
    for mark in marks:
        box = _room(panel, mark, taken)
        taken.append(box)
        weight = ' font-weight="bold"' if mark.is_bold else ""
        yield (
            f'<text x="{(box[0] + box[2]) / 2:.1f}" y="{box[3] - 3:.1f}" text-anchor="middle" '
            f'fill="{mark.colour}"{weight}>{escape(mark.text)}</text>'
        )


def _room(panel: Panel, mark: Mark, taken: Sequence[Box]) -> Box:
    """Returns the nearest place for a mark's words that is free and not outside, else the next."""
    x, y = panel.at(mark.x, mark.y)
    width = _LETTER * len(mark.text) + (8 if mark.is_bold else 0)
    least, most = panel.span[0], panel.span[1] + 40
    places: list[tuple[float, Box]] = []
    for down in range(-80, 81, 4):
        for side in (-1, 0, 1):
            if side == 0 and abs(down) < mark.radius + _LINE / 2 + 2:
                continue
            middle = x + side * (mark.radius + 5 + width / 2)
            top = y + down - _LINE / 2
            box = (middle - width / 2, top, middle + width / 2, top + _LINE)
            if least <= box[0] and box[2] <= most and top + _LINE < _BOTTOM:
                places.append((abs(down) + 6 * (side != 1), box))
    places.sort()
    free = [box for _, box in places if not any(_overlap(box, other) for other in taken)]
    return (free or [box for _, box in places])[0]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
