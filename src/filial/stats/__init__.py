"""Pure numerics of an honest verdict: evidence, error budgets, intervals, futility."""

from filial.stats.drift import drifted
from filial.stats.e_processes import DELTAS, Floats, log_e_gaussian, log_e_safe_t
from filial.stats.error_budget import OMEGA, e_lond_alpha, e_lord_alpha
from filial.stats.intervals import (
    TAU_SIGMAS,
    difference_interval,
    mean_interval,
    pooled_sd,
    shrink,
)
from filial.stats.power import is_futile

__all__ = [
    "DELTAS",
    "OMEGA",
    "TAU_SIGMAS",
    "Floats",
    "difference_interval",
    "drifted",
    "e_lond_alpha",
    "e_lord_alpha",
    "is_futile",
    "log_e_gaussian",
    "log_e_safe_t",
    "mean_interval",
    "pooled_sd",
    "shrink",
]
