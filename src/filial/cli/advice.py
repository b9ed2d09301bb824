"""A plan in plain sentences."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from filial.core import Judged
from filial.reports.numbers import RESOURCES, amount, count, decimals, duration, share

if TYPE_CHECKING:
    from filial.planning import Plan, Reach


def answer(plan: "Plan") -> Iterator[str]:
    """Yields what a study can find out, and what that takes, a sentence or two each."""
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
    if _is_cut(plan):
        yield _larger_budget(plan, reach)
    if reach.pairs_needed is not None and reach.pairs_needed > plan.max_pairs:
        yield f"more pairs: gate.max_pairs = {reach.pairs_needed}, two trials each"
    elif found is None:
        yield f"more pairs: gate.max_pairs = {plan.max_pairs} does not prove even large gains"
    if found is not None and found > plan.smallest_effect > 0:
        yield _less_noise(plan, found / plan.smallest_effect)
        yield f"a larger goal: smallest_effect = {number(found)}"


def number(value: float) -> str:
    """Returns a number with two significant digits, or all those before the point."""
    return f"{value:.{decimals(abs(value))}f}"


def with_unit(plan: "Plan", value: float) -> str:
    """Returns a number of the plan's metric with its unit."""
    return f"{number(value)} {plan.unit}".rstrip()


def _detection(plan: "Plan", reach: "Reach") -> str:
    pairs = _pairs_at_most(plan)
    if reach.detectable is None:
        return f"Nothing can be detected: {pairs} do not prove even a gain of many sigma."
    found = next(one for one in reach.chances if one.gain == reach.detectable)
    text = (
        f"With {_means(plan) or 'this gate'} you can detect gains in {plan.metric} of "
        f"{with_unit(plan, reach.detectable)} or more: of those that pass the screen, as "
        f"{share(found.passes)} do, four in five are promoted within {pairs}."
    )
    if reach.n_items:
        return (
            f"{text} Each of {reach.n_items} items is passed or failed; the sides are taken to "
            "differ on a tenth of them, or on twice as many as are gained."
        )
    low, high = (number(reach.detectable * end / plan.noise.sigma) for end in reach.sigma_range)
    text += (
        f" The noise is known from {plan.noise.n_values} values only, so it may turn out to be "
        f"{low} to {high}."
    )
    if plan.judged is Judged.ARTIFACT:
        text += " Both sides of a pair answer the same items, which may lower it further."
    return text


def _means(plan: "Plan") -> str:
    """Returns the ceiling that binds, as an amount; empty if none does."""
    purse = plan.purse
    if purse.ceiling is None or purse.left is None:
        return ""
    if purse.ceiling == "trials":
        return f"{count(purse.left)} trials"
    return f"{amount(purse.ceiling, purse.left)} of {RESOURCES[purse.ceiling]}"


def _habit(plan: "Plan", reach: "Reach") -> str:
    found = with_unit(plan, reach.habit)
    falsely = "one in 20 candidates without any gain for better"
    if 0 < plan.smallest_effect < reach.habit:
        return (
            f"3 seeds would not be enough: a t-test on them, at the usual 5 %, finds gains of "
            f"{found} or more, and takes {falsely}."
        )
    return f"A t-test on 3 seeds finds gains of {found} or more, but takes {falsely}."


def _headroom(plan: "Plan", reach: "Reach") -> Iterator[str]:
    if plan.room is not None and reach.detectable is not None and reach.detectable > plan.room:
        yield (
            f"Only {with_unit(plan, plan.room)} are left to gain, so nothing will be found: "
            "harder items would leave more."
        )


def _smallest(plan: "Plan", reach: "Reach") -> str:
    if reach.is_in_reach is None:
        text = "No smallest_effect is declared, so gains of 0.25 sigma count."
        return text if reach.detectable else f"{text} What would help:"
    chance = next(one for one in reach.chances if one.gain == plan.smallest_effect)
    where = "within reach" if reach.is_in_reach else "out of reach"
    smallest, proven = with_unit(plan, plan.smallest_effect), share(chance.proven)
    return (
        f"The smallest gain worth having, {smallest}, is {where}: past the screen, it is proven "
        f"with a chance of {proven}.{'' if reach.is_in_reach else ' What would help:'}"
    )


def _is_cut(plan: "Plan") -> bool:
    """Whether the budget ends before the gate's patience does."""
    return plan.n_affordable is not None and plan.n_affordable < plan.max_pairs


def _pairs_at_most(plan: "Plan") -> str:
    if _is_cut(plan):
        return f"the {plan.n_affordable} pairs that the budget pays for"
    return f"{plan.max_pairs} pairs"


def _larger_budget(plan: "Plan", reach: "Reach") -> str:
    text = f"a larger budget: {count(plan.purse.whole_trials)} trials"
    if plan.costs.trials_per_hour:
        text += f", {duration(3600 * plan.purse.whole_trials / plan.costs.trials_per_hour)},"
    text += " see one challenger through"
    if reach.unhurried is not None:
        text += f", and then gains of {with_unit(plan, reach.unhurried)} or more can be detected"
    return text


def _less_noise(plan: "Plan", ratio: float) -> str:
    sigma = with_unit(plan, plan.noise.sigma / ratio)
    items = f"about {number(ratio**2)} times as many items"
    if plan.judged is Judged.ARTIFACT:
        return f"less noise: sigma of {sigma}, with {items}"
    return (
        f"less noise: sigma of {sigma}, with a longer build that depends less on its seed, or "
        f"with {items} as far as these are what varies"
    )


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
    if purse.n_trials is not None:
        first = f", {count(purse.n_calibration)} for calibration" if purse.n_calibration else ""
        yield f"{_means(plan)} buys {count(purse.n_trials)} trials{first}."
    if purse.n_candidates is not None and purse.limit is not None:
        text = f"The budget ({RESOURCES[purse.limit]}) pays for {count(purse.n_candidates)} "
        text += "candidates that gain nothing"
        if purse.n_confirmed:
            how = "by chance" if plan.reach else "by lot"
            text += f"; of these {count(purse.n_confirmed)} are confirmed {how}, with "
            text += f"{purse.null_pairs:.1f} pairs each"
        yield f"{text}."
    if purse.gain_trials is not None:
        text = f"A gain takes {count(purse.gain_trials)} trials, from its screen to what follows"
        is_dear = purse.n_trials is not None and (
            purse.gain_trials > purse.n_trials - purse.n_calibration
        )
        yield f"{text}{', more than there are: it had better come first' if is_dear else ''}."
