"""Which proposer writes next."""

import math
from collections.abc import Mapping
from random import Random  # noqa: TID251 - seeded by the caller


def choose(shares: Mapping[str, float], seed: int) -> str:
    """Returns the name of a proposer, drawn in proportion to its share.

    Args:
        shares: Name to share; shares need not sum to 1. The order of names does not matter.
        seed: The only source of chance.

    Returns:
        One of the names with a positive share.

    Raises:
        ValueError: if a share is negative or not finite, or none is positive.
    """
    names = sorted(shares)
    for name in names:
        if not (math.isfinite(shares[name]) and shares[name] >= 0):
            raise ValueError(f"the share of {name!r} is {shares[name]!r}; use a number >= 0")
    if not any(shares.values()):
        raise ValueError("at least one proposer needs a positive share")
    rng = Random(seed)  # noqa: S311 - not for cryptography
    return rng.choices(names, [shares[name] for name in names])[0]
