"""Numbers as people read them: with a unit, and with no more digits than they are worth."""

import math
from dataclasses import dataclass

NONE = "—"  # shown where there is no number
_LONG = 1e12  # from here on digits say less than the power of ten
_COMPACT = ((1e9, "G"), (1e6, "M"), (1e4, "k"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How values of one metric are written.

    Attributes:
        unit: Unit for people, empty if the metric has none.
        decimals: Digits after the point.
    """

    unit: str
    decimals: int

    def value(self, value: float | None) -> str:
        """Returns the value without its unit; a dash for None."""
        return NONE if value is None else _fixed(value, self.decimals, sign="")

    def gain(self, gain: float | None) -> str:
        """Returns the gain with its sign; a dash for None."""
        return NONE if gain is None else _fixed(gain, self.decimals, sign="+")

    def interval(self, lower: float | None, upper: float | None) -> str:
        """Returns ``[lower, upper]`` of a value; empty if there is no interval."""
        if lower is None or upper is None:
            return ""
        return f"[{self.value(lower)}, {self.value(upper)}]"

    def gain_interval(self, lower: float | None, upper: float | None) -> str:
        """Returns ``[lower, upper]`` of a gain, with signs; empty if there is no interval."""
        if lower is None or upper is None:
            return ""
        return f"[{self.gain(lower)}, {self.gain(upper)}]"

    def with_unit(self, text: str) -> str:
        """Returns ``text`` followed by the unit, if there is one."""
        return f"{text} {self.unit}" if self.unit else text


def decimals(step: float) -> int:
    """Returns the digits after the point at which ``step`` shows two significant digits.

    Args:
        step: A difference that matters, in the metric's unit; 0 if unknown, which gives 3.
    """
    if not math.isfinite(step) or step <= 0:
        return 3
    return min(9, max(0, 1 - math.floor(math.log10(step))))


def duration(seconds: float) -> str:
    """Returns a time span in its two largest units: ``"42 s"``, ``"8 h"``, ``"2 h 05 min"``."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    minutes, s = divmod(whole, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    for large, unit, small, smaller in (
        (days, "d", h, "h"),
        (hours, "h", m, "min"),
        (minutes, "min", s, "s"),
    ):
        if large:
            return f"{large} {unit} {small:02} {smaller}" if small else f"{large} {unit}"
    return f"{s} s"


def count(n: float) -> str:
    """Returns a count: in full up to 9,999, then with a prefix: ``"12.5k"``, ``"3.4M"``."""
    for size, prefix in _COMPACT:
        if n >= size:
            return f"{n / (1e3 if prefix == 'k' else size):.1f}{prefix}"
    return f"{n:,.0f}"


def counted(n: float, noun: str) -> str:
    """Returns a count with its noun, with an s unless it is one: ``"1 trial"``, ``"2 trials"``."""
    text = count(n)
    return f"{text} {noun}{'' if text == '1' else 's'}"


def share(value: float) -> str:
    """Returns a share in percent: ``"34 %"``, with one decimal below 10 %."""
    percent = 100 * value
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def money(usd: float) -> str:
    """Returns an amount of US dollars: ``"$4.20"``."""
    return f"${usd:,.2f}"


def evidence(e_value: float) -> str:
    """Returns an e-value: three significant digits, powers of ten where it is large."""
    if math.isinf(e_value):
        return "∞"
    return f"{e_value:,.0f}" if 100 <= e_value < 1e6 else f"{e_value:.3g}"


def amount(resource: str, value: float) -> str:
    """Returns how much of a field of :class:`~filial.core.Spend` this is, with its unit.

    Args:
        resource: Name of the field: ``"cpu_s"``, ``"usd"``, ``"trials"``.
        value: Its value, in the field's unit.
    """
    if resource.endswith("_s"):
        return duration(value)
    return money(value) if resource == "usd" else count(value)


RESOURCES = {
    "wall_s": "wall clock",
    "cpu_s": "CPU time",
    "gpu_s": "GPU time",
    "tokens": "tokens",
    "usd": "money",
    "trials": "trials",
    "candidates": "proposals",
    "sealed_looks": "sealed looks",
}
"""Field of :class:`~filial.core.Spend` to its name for people."""

_CEILINGS = {"wall_s": "wall", "cpu_s": "cpu"}  # where study.toml calls them differently


def setting(resource: str) -> str:
    """Returns the setting of study.toml that is the ceiling on a resource: ``"budget.cpu"``.

    Args:
        resource: A field of :class:`~filial.core.Budget`.
    """
    return f"budget.{_CEILINGS.get(resource, resource)}"


def _fixed(value: float, digits: int, *, sign: str) -> str:
    if math.isinf(value):
        return "-∞" if value < 0 else "+∞" if sign else "∞"
    if abs(value) >= _LONG:
        return f"{value:{sign}.4g}"
    text = f"{value:{sign}.{digits}f}"
    # "-0.000" claims a direction that the digits do not show.
    return text.replace("-", sign, 1) if float(text) == 0 else text
