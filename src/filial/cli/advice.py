"""A plan in plain sentences."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from filial.core import Judged
from filial.reports.numbers import (
    RESOURCES,
    amount,
    count,
    counted,
    decimals,
    duration,
    setting,
    share,
)

if TYPE_CHECKING:
    from filial.forecast import Chances
    from filial.planning import Plan
    from filial.reach import Patience, Reach

_MOST_TRIALS = 20  # A/A trials that tell sigma well enough


def answer(plan: "Plan") -> Iterator[str]:
    """Yields what a study can find out, and what that takes, a few sentences each."""
    reach = plan.reach
    if reach is not None:
        yield _detection(plan, reach)
        yield _habit(plan, reach)
    elif plan.judged is Judged.CONSTRUCTION:
        yield _exact(plan)
    else:
        yield _silent(plan)
    yield _budget(plan)
    if plan.n_failed:
        yield f"{plan.n_failed} of {plan.n_trials} A/A trials failed: candidates will fail, too."
    if reach is not None:
        yield from _headroom(plan, reach)
        yield _smallest(plan, reach)


def advice(plan: "Plan") -> Iterator[str]:
    """Yields what would bring the declared smallest effect within reach; nothing if it is."""
    reach = plan.reach
    if reach is None or reach.is_in_reach or (reach.is_in_reach is None and reach.detectable):
        return
    found = reach.detectable or reach.unhurried
    if reach.patience is not None:
        yield _more_pairs(plan, reach, reach.patience)
    elif found is None:
        yield f"more pairs: gate.max_pairs = {plan.max_pairs} does not prove even large gains"
    if plan.purse.raised and (_is_cut(plan) or reach.patience is not None):
        yield _larger_budget(plan, reach)
    if reach.unscreened is not None:
        yield _wider_screen(plan, reach, reach.unscreened)
    if found is not None and found > plan.smallest_effect > 0:
        yield _less_noise(plan, reach, found)
        yield _larger_goal(reach, found)


def number(value: float) -> str:
    """Returns a number with two significant digits, or all those before the point."""
    return f"{value:.{decimals(abs(value))}f}"


def with_unit(plan: "Plan", value: float) -> str:
    """Returns a number of the plan's metric with its unit."""
    return f"{number(value)} {plan.unit}".rstrip()


def _detection(plan: "Plan", reach: "Reach") -> str:
    if reach.detectable is None:
        bought = "" if _is_cut(plan) else ", and pairs that are bought do not count here"
        return (
            f"Nothing can be detected: {_pairs_at_most(plan)} do not prove even a gain of many "
            f"sigma{bought}."
        )
    found = reach.at(reach.detectable)
    can = "You can"
    if plan.purse.limit is not None:
        can = "With this budget you can" if plan.purse.n_candidates else "A larger budget could"
    text = (
        f"{can} detect gains in {plan.metric} of "
        f"{with_unit(plan, reach.detectable)} or more: four in five candidates that gain so much "
        f"are promoted. {share(found.passes)} of them get past the screen, and of these "
        f"{share(found.promoted)} are promoted within {_pairs_at_most(plan)}."
    )
    if reach.detectable_range is None:
        return (
            f"{text} Each of {reach.n_items} items is passed or failed; the sides are taken to "
            "differ on a tenth of them, or on twice as many as are gained."
        )
    low, high = (
        "none at all" if end is None else with_unit(plan, end) for end in reach.detectable_range
    )
    text += (
        f" The noise is known from {plan.noise.n_values} values only: at the lower end of its "
        f"95 % interval you could detect {low}, at the upper end {high}."
    )
    if plan.judged is Judged.ARTIFACT:
        text += (
            " Both sides of a pair answer the same items, which A/A trials do not: the noise of "
            "pairs may be less."
        )
    return text


def _habit(plan: "Plan", reach: "Reach") -> str:
    return (
        f"For comparison: a t-test on 3 seeds a side finds gains of "
        f"{with_unit(plan, reach.habit)} or more as often, but at its usual level of 5 % takes "
        "one in 20 candidates that gain nothing for better."
    )


def _headroom(plan: "Plan", reach: "Reach") -> Iterator[str]:
    if plan.room is not None and reach.detectable is not None and reach.detectable > plan.room:
        yield (
            f"Only {with_unit(plan, plan.room)} are left to gain, so nothing will be found: "
            "harder items would leave more."
        )


def _smallest(plan: "Plan", reach: "Reach") -> str:
    if reach.is_in_reach is None:
        text = "No smallest_effect is declared in the exam, so gains of 0.25 sigma count."
        return text if reach.detectable else f"{text} What would help, in study.toml or the exam:"
    found = reach.at(plan.smallest_effect)
    where = "within reach" if reach.is_in_reach else "out of reach"
    return (
        f"The smallest gain worth having, {with_unit(plan, plan.smallest_effect)} "
        f"(smallest_effect in the exam), is {where}: {share(found.passes)} of the candidates that "
        f"gain so much get past the screen, and {share(found.proven)} of these are proven to be "
        f"better; in all {share(found.passes * found.proven)} are."
        f"{'' if reach.is_in_reach else ' What would help, in study.toml or the exam:'}"
    )


def _is_cut(plan: "Plan") -> bool:
    """Whether the budget ends before the gate's patience does."""
    return plan.n_affordable is not None and plan.n_affordable < plan.max_pairs


def _pairs_at_most(plan: "Plan") -> str:
    if _is_cut(plan):
        return f"the {counted(plan.n_affordable or 0, 'pair')} that the budget pays for"
    return f"{plan.max_pairs} pairs of trials (gate.max_pairs)"


def _more_pairs(plan: "Plan", reach: "Reach", patience: "Patience") -> str:
    text = (
        f"more pairs, of two trials each: gate.max_pairs = {patience.max_pairs} instead of "
        f"{plan.max_pairs} proves {share(patience.proven)} of those past the screen"
    )
    if reach.detectable_range is None:
        return text
    worst = f"{with_unit(plan, reach.sigma_range[1])}, the upper end of its interval"
    if patience.proven_at_worst >= patience.proven / 2:
        return f"{text}, and {share(patience.proven_at_worst)} even if sigma is {worst}"
    text += f" if sigma is as measured, but {share(patience.proven_at_worst)} if it is {worst}"
    if plan.is_recorded or plan.n_trials >= _MOST_TRIALS:
        return text
    return f"{text}; filial plan --trials {_MOST_TRIALS} would tell better"


def _larger_budget(plan: "Plan", reach: "Reach") -> str:
    settings = " and ".join(
        f"{setting(name)} = {_as_setting(name, value)}"
        for name, value in plan.purse.raised.items()
    )
    n_pairs = plan.max_pairs if reach.patience is None else reach.patience.max_pairs
    text = f"a larger budget: {settings} sees one challenger through {n_pairs} pairs"
    if reach.patience is None and reach.unhurried is not None:
        text += f", and then gains of {with_unit(plan, reach.unhurried)} or more can be detected"
    return text


def _as_setting(name: str, value: float) -> str:
    """Returns an amount, rounded up, as one writes it in study.toml."""
    if not name.endswith("_s"):
        return str(math.ceil(value))
    units = {"h": 3600, "m": 60, "s": 1}
    unit = next((unit for unit, size in units.items() if value >= 10 * size), "s")
    return f'"{math.ceil(value / units[unit])}{unit}"'


def _wider_screen(plan: "Plan", reach: "Reach", without: "tuple[Chances, Chances]") -> str:
    wide, null = without
    before, null_before = reach.at(plan.smallest_effect), reach.at(0.0)
    return (
        f"a wider screen: gate.screen_sigmas = 0 instead of {plan.screen_sigmas:g} lets "
        f"{share(wide.passes)} of them past it instead of {share(before.passes)}, but of those "
        f"that gain nothing {share(null.passes)} instead of {share(null_before.passes)}, at "
        f"{null.pairs:.1f} pairs each"
    )


def _less_noise(plan: "Plan", reach: "Reach", found: float) -> str:
    ratio = found / plan.smallest_effect
    items = f"about {number(ratio**2)} times as many items in the exam"
    high = (reach.detectable_range or (None, None))[1]
    if high is not None:
        items += f" ({number((high / plan.smallest_effect) ** 2)} times at the upper end of sigma)"
    sigma = f"less noise: sigma of {with_unit(plan, plan.noise.sigma / ratio)}"
    if plan.judged is Judged.ARTIFACT:
        return f"{sigma}, with {items}"
    return (
        f"{sigma}, with a longer build (build.cpu_s) that depends less on its seed, or with "
        f"{items} as far as these are what varies"
    )


def _larger_goal(reach: "Reach", found: float) -> str:
    text = f"a larger goal: smallest_effect = {number(found)} in the exam"
    high = (reach.detectable_range or (None, None))[1]
    if high is None or high <= found:
        return text
    return f"{text}, or {number(high)} to be safe at the upper end of sigma"


def _exact(plan: "Plan") -> str:
    least = f"at least {with_unit(plan, plan.smallest_effect)}"
    gains = least if plan.smallest_effect else "more than 0"
    return (
        f"A construction is verified exactly: there is no noise, and a gain of {gains} is found."
    )


def _silent(plan: "Plan") -> str:
    if plan.noise.n_values < 2:
        return (
            "The noise is unknown: the budget left room for one A/A trial only, so each "
            "confirmation has to find it out from its own pairs."
        )
    what = "build and exam" if plan.judged is Judged.RECIPE else "the exam"
    text = f"All {plan.noise.n_values} A/A values are the same: {what} left nothing to chance."
    if plan.n_steady is None:
        text += f" Yet {plan.max_pairs} pairs do not prove even a gain that never varies."
    else:
        text += f" A gain that never varies is proven in {plan.n_steady} pairs."
    if plan.judged is Judged.RECIPE:
        text += " A recipe that trains should vary: does the build use FILIAL_SEED?"
    return text


def _budget(plan: "Plan") -> str:
    return " ".join(_paid(plan)) or "There is no budget: a run goes on until it is stopped."


def _paid(plan: "Plan") -> Iterator[str]:
    purse = plan.purse
    if purse.limit is not None:
        yield _end(plan, purse.limit)
        if purse.n_candidates:
            yield _candidates(plan)
            yield from _confirmed(plan)
    if purse.gain_trials is not None:
        text = f"A promotion takes {counted(purse.gain_trials, 'trial')}, from the screen to what "
        text += "follows it"
        yield f"{text}{', more than the budget pays for' if purse.gain_fits is False else ''}."


def _end(plan: "Plan", limit: str) -> str:
    """Names the ceiling that ends the study, and says how far it is."""
    purse = plan.purse
    left = amount(limit, purse.left or 0.0)
    joint = " of " if limit.endswith("_s") else " "
    what = f"{setting(limit)} ({left}{joint}{RESOURCES[limit]} left)"
    if not purse.n_candidates:
        return f"The budget is too small, or used up: {what} does not pay for a single candidate."
    text = f"{what} ends the study first, after about {counted(purse.n_trials or 0, 'trial')}"
    if purse.n_calibration:
        text += f", {count(purse.n_calibration)} of them for calibration"
    if limit != "wall_s":
        text += f", in {duration(purse.wall_s or 0.0)} with {counted(plan.workers, 'worker')}"
    return f"{text}."


def _candidates(plan: "Plan") -> str:
    """Says how many candidates are tried, and how many of these may win."""
    purse = plan.purse
    n_tried = purse.n_candidates or 0
    n_others = n_tried - (purse.n_treatment or 0)
    is_counted = purse.limit == "candidates"
    if plan.n_proposals:
        text = f"Of {counted(purse.n_proposals or 0, 'proposal')} {count(n_tried)} are tried"
        text += f" (of the {count(plan.n_proposals)} so far {count(plan.n_refused)} were refused "
        text += "before any trial, most often as duplicates)"
    else:
        text = f"It pays for {'at most' if is_counted else 'about'} "
        text += f"{counted(n_tried, 'candidate')} that gain nothing, as nearly all do"
    if n_others:
        text += f"; {count(n_others)} of them are placebos, canaries or of the control arm, which "
        text += "are never promoted"
    if is_counted and not plan.n_proposals:
        text += ". Duplicates are refused before any trial, but are proposals, too, so there may "
        text += "be far fewer"
    return f"{text}."


def _confirmed(plan: "Plan") -> Iterator[str]:
    purse = plan.purse
    if not purse.n_confirmed:
        return
    how = "by lot"
    if plan.n_proposals:
        how = "as often as so far"
    elif plan.reach is not None:
        how = "by chance"
    text = f"{count(purse.n_confirmed)} candidates are confirmed {how}"
    yield f"{text}, with {purse.pairs:.1f} pairs each."
