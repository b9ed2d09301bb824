"""Perturbs a number: on a log scale, or on a linear one for shares."""

import math
from random import Random  # noqa: TID251 - the draw's generator, seeded by the brief

from filial.proposers.scopes import Scope
from filial.proposers.sites import Change, Number

P_LEAP = 0.15  # how often the factor is 10 or 1/10 instead of one between 1/2 and 2
GRAIN = 8  # integers that are multiples of this stay so: widths must divide into heads
LINEAR_STEP = 0.25
NEAR_ONE = 0.8  # from here to 1, what counts is the distance to 1: momentum, averaging
SHARE_WORDS = ("prob", "drop", "share", "frac", "ratio", "keep", "mix")
N_TRIES = 8


def perturb_number(rng: Random, scope: Scope) -> Change | None:
    """Draws a new value for one numeric literal; structural ones only if there is nothing else."""
    places = [
        (path, number)
        for path, source in scope.sources.items()
        for number in source.numbers
        if _is_finite(number.text)
    ]
    quantities = [place for place in places if not place[1].is_structural]
    if not places:
        return None
    path, number = rng.choice(quantities or places)
    value = new_value(rng, number)
    return Change(
        path=path,
        text=scope.sources[path].splice((number.span, value)),
        hypothesis=f"{number.label} in {path} from {number.text} to {value}",
    )


def new_value(rng: Random, number: Number) -> str:
    """Returns a literal of the same kind as ``number`` with another value.

    Integers stay integers and positive. Floats of zero become a small number. Shares (a value in
    [0, 1] whose label says so) move linearly and stay in [0, 1]; values just below 1 have their
    distance to 1 scaled; everything else is scaled.
    """
    try:
        value = int(number.text, 0)
    except ValueError:
        for _ in range(N_TRIES):
            text = _float(rng, float(number.text), number)
            if float(text) != float(number.text):
                return text
        return _literal(float(number.text) / 2, number.text)
    return str(_integer(rng, value))


def _integer(rng: Random, value: int) -> int:
    grain = GRAIN if value and value % GRAIN == 0 else 1
    moved = max(grain, grain * round(value * _factor(rng) / grain))
    if moved != value:
        return moved
    return value - grain if value > grain and rng.random() < 0.5 else value + grain


def _float(rng: Random, value: float, number: Number) -> str:
    if value == 0:
        return _literal(10 ** rng.uniform(-3, -0.5), number.text)
    is_share = 0 < value <= 1 and any(word in number.label.lower() for word in SHARE_WORDS)
    if is_share:
        moved = value + rng.uniform(-LINEAR_STEP, LINEAR_STEP)
        return f"{min(1.0, max(0.0, moved)):.2f}"
    if NEAR_ONE <= value < 1:
        distance = min(0.5, (1 - value) * _factor(rng))
        return repr(round(1 - float(f"{distance:.2g}"), 12))
    return _literal(value * _factor(rng), number.text)


def _factor(rng: Random) -> float:
    if rng.random() < P_LEAP:
        return rng.choice((0.1, 10.0))
    return 2 ** rng.uniform(-1, 1)


def _literal(value: float, like: str) -> str:
    """Returns ``value`` to two digits, with an exponent if ``like`` has one."""
    if "e" not in like.lower():
        return repr(float(f"{value:.2g}"))
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def _is_finite(text: str) -> bool:
    """Whether a literal has a finite value: ``1e999`` has not."""
    try:
        return int(text, 0) >= 0
    except ValueError:
        return math.isfinite(float(text))
