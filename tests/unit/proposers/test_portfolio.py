"""Which proposer writes next."""

from collections import Counter

import pytest

from filial.proposers import choose


def test_shares_are_kept() -> None:
    shares = {"operators": 3.0, "replay": 1.0, "idle": 0.0}
    counts = Counter(choose(shares, seed) for seed in range(2000))
    assert set(counts) == {"operators", "replay"}
    assert 0.71 < counts["operators"] / 2000 < 0.79


def test_the_order_of_names_does_not_matter() -> None:
    one, other = {"a": 0.5, "b": 0.5}, {"b": 0.5, "a": 0.5}
    assert [choose(one, s) for s in range(50)] == [choose(other, s) for s in range(50)]


@pytest.mark.parametrize(
    ("shares", "problem"),
    [
        ({}, "at least one proposer"),
        ({"a": 0.0}, "at least one proposer"),
        ({"a": -1.0, "b": 2.0}, "the share of 'a' is -1.0"),
        ({"a": float("nan")}, "the share of 'a' is nan"),
    ],
)
def test_bad_shares(shares: dict[str, float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        choose(shares, 0)
