"""Numbers and words as people read them."""

import pytest

from filial.reports import numbers, words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
        (28800, "8 h"),
        (144000, "1 d 16 h"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0"), (9999, "9,999"), (12_500, "12.5k"), (3_400_000, "3.4M")]
)
def test_count(n: int, text: str) -> None:
    assert numbers.count(n) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0 %"), (0.004, "0.4 %"), (0.34, "34 %"), (1.0, "100 %")]
)
def test_share(value: float, text: str) -> None:
    assert numbers.share(value) == text


@pytest.mark.parametrize(
    ("step", "digits"), [(0.01, 3), (0.5, 2), (3.0, 1), (20.0, 0), (0.0, 3), (float("nan"), 3)]
)
def test_decimals_show_two_digits_of_the_step(step: float, digits: int) -> None:
    assert numbers.decimals(step) == digits


@pytest.mark.parametrize(
    ("e_value", "text"), [(1.0, "1"), (42.91, "42.9"), (1250.0, "1,250"), (2e9, "2e+09")]
)
def test_evidence(e_value: float, text: str) -> None:
    assert numbers.evidence(e_value) == text


def test_scale() -> None:
    scale = numbers.Scale(unit="nats", decimals=2)
    assert scale.gain(0.1234) == "+0.12"
    assert scale.gain(-0.0001) == "+0.00"
    assert scale.value(-0.0001) == "0.00"
    assert scale.value(None) == "—"
    assert scale.gain_interval(float("-inf"), 0.5) == "[-∞, +0.50]"
    assert scale.interval(None, 1.0) == ""
    assert scale.gain(1.7e308) == "+1.7e+308"
    assert scale.with_unit("1.00") == "1.00 nats"


@pytest.mark.parametrize(
    ("resource", "value", "text"),
    [("cpu_s", 90, "1 min 30 s"), ("usd", 4.2, "$4.20"), ("trials", 12, "12")],
)
def test_amount(resource: str, value: float, text: str) -> None:
    assert numbers.amount(resource, value) == text


def test_one_line_disarms_escape_sequences_and_overrides() -> None:
    assert words.one_line("a\x1b[31m\n b\u202e\u200b") == "a�[31m b��"
    assert words.one_line("déjà vu") == "déjà vu"
    assert words.one_line("abcdef", 4) == "abc…"


def test_lines_keep_line_breaks_and_tabs() -> None:
    assert words.lines("a\tb\n\x1bc\r") == "a\tb\n�c�"


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 trials"), (1, "1 trial"), (12_345, "12.3k trials")]
)
def test_counts_with_their_noun(n: int, text: str) -> None:
    assert numbers.counted(n, "trial") == text
