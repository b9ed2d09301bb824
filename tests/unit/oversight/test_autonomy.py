import pytest

from filial.core import Approval
from filial.errors import Stopped
from filial.oversight import Ask, Envelope, Suggest
from filial.testing.approver_contract import VERDICT


def test_suggest_names_what_to_look_at() -> None:
    reason = "autonomy is 'suggest'; look at it: filial show c0ffeec0ffee"
    assert Suggest().decide(VERDICT) == Approval(granted=False, by="autonomy", reason=reason)


@pytest.mark.parametrize("answer", ["y", "Y", "yes", " YES\t", "y\n"])
def test_only_an_explicit_yes_is_yes(answer: str) -> None:
    expected = Approval(granted=True, by="ada", reason="approved when asked")
    assert Ask(lambda _question: answer, "ada").decide(VERDICT) == expected


@pytest.mark.parametrize("answer", ["", "n", "no", "ye", "yess", "yes please", "да", "1", "true"])
def test_anything_else_is_no(answer: str) -> None:
    expected = Approval(granted=False, by="ada", reason="declined when asked")
    assert Ask(lambda _question: answer, "ada").decide(VERDICT) == expected


def test_a_person_is_told_what_they_approve() -> None:
    asked: list[str] = []

    def question(text: str) -> str:
        asked.append(text)
        return "no"

    Ask(question, "ada").decide(VERDICT)
    assert asked == ["gain 0.1 share, E = 80 after 4 pairs\nPromote c0ffeec0ffee? [y/N] "]


def test_nobody_there() -> None:
    def question(_text: str) -> str:
        raise EOFError("end of input")

    expected = Approval(granted=False, by="ada", reason="nobody could be asked: end of input")
    assert Ask(question, "ada").decide(VERDICT) == expected


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, Stopped])
def test_an_interrupted_question_is_not_answered(interruption: type[BaseException]) -> None:
    """The next run asks again."""

    def question(_text: str) -> str:
        raise interruption

    with pytest.raises(interruption):
        Ask(question, "ada").decide(VERDICT)


@pytest.mark.parametrize(
    ("promoted", "limit", "granted", "reason"),
    [
        (0, 1, True, "inside the approved envelope"),
        (1, 1, False, "the envelope of 1 generations is used up"),
        (19, 20, True, "inside the approved envelope"),
        (20, 20, False, "the envelope of 20 generations is used up"),
        (21, 20, False, "the envelope of 20 generations is used up"),
        (9999, None, True, "inside the approved envelope"),
    ],
)
def test_envelope(promoted: int, limit: int | None, granted: bool, reason: str) -> None:
    expected = Approval(granted=granted, by="envelope", reason=reason)
    assert Envelope(lambda: promoted, limit).decide(VERDICT) == expected


def test_the_envelope_is_counted_when_it_is_asked() -> None:
    promoted = 0
    envelope = Envelope(lambda: promoted, 1)
    assert envelope.decide(VERDICT).granted
    promoted = 1
    assert not envelope.decide(VERDICT).granted
