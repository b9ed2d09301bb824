"""The numbers of the confirmation gate."""

import hashlib
import json
from dataclasses import asdict, dataclass

from filial import stats

SMALLEST_EFFECT_SIGMAS = 0.25
"""The smallest effect worth having where the study declares none, in sigma."""

RANKS = 0.8
"""Share of the rank process in the robust evidence; the rest is for pairs that share much."""

GROSS = 2.0
"""Tolerances of harm that one dev pair can tell from noise."""

OUTLIER = 3.0
"""Sigma from which a single pair may well be one lucky or unlucky seed."""

SIGNIFICANT = 0.05
"""Level of guards."""

SIGNIFICANT_SINCE_F0 = 0.01
"""Level of harm since F0, which every challenger meets with the same values of F0."""

NEW_QUESTIONS = 0.5
"""Share of a pair's questions that must be new for it to say anything about an artifact."""

N_REPLICATIONS = 2
"""Builds from source before a promotion counts."""

REPLICATION_SIGMAS = 3.0
"""Standard deviations by which they may fall short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Every number a study may set.

    Attributes:
        fdr: False discovery rate over the promotions of a study, a share in (0, 1).
        min_pairs: Fewest pairs behind a promotion, at least 2.
        max_pairs: Pairs after which the challenger is parked as undecided, unless more are bought.
        screen_sigmas: Gain on the dev pair below which a challenger is rejected, in sigma; for an
            artifact in standard errors of that gain, if these are smaller.
        spread_ratio: Spread of the pairs, in sigma, above which the A/A noise is not believed.

    Raises:
        ValueError: A number is out of its range.
    """

    fdr: float = 0.10
    min_pairs: int = 3
    max_pairs: int = 16
    screen_sigmas: float = 1.0
    spread_ratio: float = 1.5

    def __post_init__(self) -> None:
        fits = {
            "fdr": 0 < self.fdr < 1,
            "min_pairs": 2 <= self.min_pairs <= self.max_pairs,
            "screen_sigmas": self.screen_sigmas >= 0,
            "spread_ratio": self.spread_ratio >= 1,
        }
        for name, fit in fits.items():
            if not fit:
                raise ValueError(f"rule: {name} is {getattr(self, name)!r}, out of its range")


def digest(name: str, version: int, **numbers: float) -> str:
    """Returns the SHA-256, hexadecimal, of a rule's name, version and numbers."""
    record = {"name": name, "version": version, **numbers}
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def policy_of(rule: Rule, *, version: int) -> str:
    """Returns the confirmation gate's policy: a digest of ``rule`` and its fixed numbers."""
    mixtures = {"delta": stats.DELTAS, "odds": stats.ODDS, "stake": stats.STAKES}
    fixed = {f"{name}_{i}": n for name, mix in mixtures.items() for i, n in enumerate(mix)}
    return digest(
        "confirmation",
        version,
        omega=stats.OMEGA,
        start=stats.START,
        tau_sigmas=stats.TAU_SIGMAS,
        smallest_effect_sigmas=SMALLEST_EFFECT_SIGMAS,
        ranks=RANKS,
        gross=GROSS,
        outlier=OUTLIER,
        significant=SIGNIFICANT,
        significant_since_f0=SIGNIFICANT_SINCE_F0,
        new_questions=NEW_QUESTIONS,
        n_replications=N_REPLICATIONS,
        replication_sigmas=REPLICATION_SIGMAS,
        **fixed,
        **asdict(rule),
    )
