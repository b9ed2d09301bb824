"""Every approver keeps the contract of the seam."""

from collections.abc import Callable, Iterable

from filial.oversight import Approver, Ask, Envelope, Suggest
from filial.testing.approver_contract import ApproverContract


def failing(error: Exception) -> Callable[[str], str]:
    def question(text: str) -> str:
        raise error

    return question


class TestSuggest(ApproverContract):
    def make(self) -> Approver:
        return Suggest()

    def make_mute(self) -> Iterable[Approver]:
        return (Suggest(),)


class TestAsk(ApproverContract):
    def make(self) -> Approver:
        return Ask(lambda _question: "y", "ada")

    def make_mute(self) -> Iterable[Approver]:
        troubles: tuple[Exception, ...] = (
            EOFError(),
            OSError("no terminal"),
            ValueError("I/O operation on closed file"),
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            RuntimeError("input(): lost sys.stdin"),
        )
        return [Ask(failing(error), "ada") for error in troubles]


class TestEnvelope(ApproverContract):
    def make(self) -> Approver:
        return Envelope(lambda: 0, 1)


class TestFreeWithinBudget(ApproverContract):
    def make(self) -> Approver:
        return Envelope(lambda: 10**6, None)
