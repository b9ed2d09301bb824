"""How long a provider is waited for."""

import math
from dataclasses import dataclass, fields

from filial.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a provider is waited for.

    Attributes:
        timeout_s: Ceiling on one request with all its answers, retries and waits.
        max_retries: How often an answer is asked for again after a refusal that may pass.
        backoff_s: The wait before the first retry, doubled for each further one; a provider that
            says how long to wait is heeded instead.
        max_wait_s: The longest single wait; a provider that asks for a longer one is given up.
        n_at_once: Calls in flight at most.

    Raises:
        ConfigError: One of them is negative, infinite or NaN, or nothing could ever be asked.
    """

    timeout_s: float = 180.0
    max_retries: int = 3
    backoff_s: float = 0.5
    max_wait_s: float = 60.0
    n_at_once: int = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise ConfigError(f"{field.name} = {value} must be a number from 0 on")
        if self.timeout_s == 0 or self.n_at_once < 1:
            raise ConfigError("timeout_s must be above 0 and n_at_once at least 1")

    def wait_s(self, n_refusals: int, asked_s: float | None) -> float | None:
        """Returns the wait after so many refusals, in seconds, or None to give up.

        Args:
            n_refusals: At least 1.
            asked_s: What the provider asks for, if it does.
        """
        if n_refusals > self.max_retries:
            return None
        if asked_s is not None:
            return asked_s if asked_s <= self.max_wait_s else None
        return min(self.backoff_s * 2.0 ** (n_refusals - 1), self.max_wait_s)
