"""Pure numerics of an honest verdict: evidence, error budgets, intervals, power, monitors."""

from filial.stats.bounded import betting_sequence, log_e_betting, log_e_clustered, log_e_discordant
from filial.stats.drift import drifted
from filial.stats.e_processes import DELTAS, Floats, log_e_gaussian, log_e_safe_t
from filial.stats.error_budget import OMEGA, START, e_lond_alpha, e_lord_alpha, family_wise_alpha
from filial.stats.exchangeability import ODDS, STAKES, log_e_ranks, log_e_symmetric
from filial.stats.guards import holm, non_inferiority
from filial.stats.intervals import (
    TAU_SIGMAS,
    difference_interval,
    mean_interval,
    pooled_sd,
    shrink,
)
from filial.stats.leak import leak_bound, looks_allowed
from filial.stats.monitors import cusum, has_trend, slope, spread_changed
from filial.stats.panel import panel_allowance, panel_bound
from filial.stats.power import is_futile, minimum_detectable_effect, seeds_needed
from filial.stats.sequences import gaussian_sequence, t_sequence
from filial.stats.shrinkage import effect_spread

__all__ = [
    "DELTAS",
    "ODDS",
    "OMEGA",
    "STAKES",
    "START",
    "TAU_SIGMAS",
    "Floats",
    "betting_sequence",
    "cusum",
    "difference_interval",
    "drifted",
    "e_lond_alpha",
    "e_lord_alpha",
    "effect_spread",
    "family_wise_alpha",
    "gaussian_sequence",
    "has_trend",
    "holm",
    "is_futile",
    "leak_bound",
    "log_e_betting",
    "log_e_clustered",
    "log_e_discordant",
    "log_e_gaussian",
    "log_e_ranks",
    "log_e_safe_t",
    "log_e_symmetric",
    "looks_allowed",
    "mean_interval",
    "minimum_detectable_effect",
    "non_inferiority",
    "panel_allowance",
    "panel_bound",
    "pooled_sd",
    "seeds_needed",
    "shrink",
    "slope",
    "spread_changed",
    "t_sequence",
]
