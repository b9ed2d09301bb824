"""Ceilings on tokens and money hold however many calls are in flight."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from filial.core import Budget, Failure, FailureKind, Reply, Request, Spend
from filial.models import Allowance, Capped, LanguageModel
from filial.testing.models import FakeModel

REQUEST = Request(system="", turns=())
WORST = Spend(tokens=100, usd=0.5)


class Costly:
    """A model whose calls cost what it is told, and which can be held up.

    Attributes:
        most: The most calls at once so far.
    """

    name = "costly"

    def __init__(self, cost: Spend) -> None:
        self.cost = cost
        self.n_calls = 0
        self.most = 0
        self.is_closed = False
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self._n_now = 0
        self._lock = threading.Lock()

    def generate(self, request: Request) -> Reply:
        with self._lock:
            self.n_calls += 1
            self._n_now += 1
            self.most = max(self.most, self._n_now)
        self.began.set()
        assert self.go_on.wait(60)
        with self._lock:
            self._n_now -= 1
        return Reply(answers=("x",), spend=self.cost)

    def close(self) -> None:
        self.is_closed = True


def capped(model: LanguageModel, budget: Budget, spent: Spend | None = None) -> Capped:
    allowance = Allowance(budget, lambda: spent or Spend())
    return Capped(model, allowance, lambda request: WORST)


@pytest.mark.parametrize("budget", [Budget(tokens=1000), Budget(usd=5.0)])
@pytest.mark.parametrize("cost", [WORST, Spend(tokens=37, usd=0.185), Spend(tokens=1, usd=0.005)])
def test_no_ceiling_is_passed_with_many_calls_at_once(budget: Budget, cost: Spend) -> None:
    model = Costly(cost)
    arm = capped(model, budget)
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: arm.generate(REQUEST), range(1200)))
    spent = sum((r.spend for r in replies), Spend())
    assert spent.tokens <= 1000
    assert spent.usd <= 5.0 + 1e-9
    assert model.most <= 10  # of 10 calls the worst case has room
    refused = [r.failure for r in replies if r.failure]
    # It goes on until the worst case of one more call has no room.
    assert spent.tokens > 1000 - 100 - 1
    assert {f.kind for f in refused} == {FailureKind.MODEL}


def test_a_refusal_says_what_is_left() -> None:
    model = Costly(WORST)
    reply = capped(model, Budget(tokens=99)).generate(REQUEST)
    assert reply.failure == Failure(
        kind=FailureKind.MODEL,
        detail="costly: a call may take 100 tokens and 99 are left, so it was not made; raise "
        "tokens in [budget]",
    )
    assert model.n_calls == 0
    reply = capped(model, Budget(usd=0.25)).generate(REQUEST)
    assert reply.failure is not None
    assert "may cost 0.5000 USD and 0.2500 are left" in reply.failure.detail


def test_what_the_record_says_was_spent_counts() -> None:
    arm = capped(Costly(WORST), Budget(tokens=1000), Spend(tokens=901))
    assert arm.generate(REQUEST).failure is not None


def test_a_record_that_lags_behind_is_no_excuse() -> None:
    arm = capped(Costly(WORST), Budget(tokens=250), Spend(tokens=50))
    failures = [arm.generate(REQUEST).failure for _ in range(3)]
    assert failures[:2] == [None, None]
    assert failures[2] is not None


def test_a_call_waits_for_one_in_flight_rather_than_be_refused() -> None:
    model = Costly(Spend(tokens=1))
    model.go_on.clear()
    arm = capped(model, Budget(tokens=150))
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(arm.generate, REQUEST) for _ in range(2)]
        assert model.began.wait(60)
        model.go_on.set()
        assert [f.result(60).failure for f in futures] == [None, None]
    assert model.most == 1


def test_two_models_share_one_allowance() -> None:
    allowance = Allowance(Budget(tokens=150), Spend)
    one, two = (Capped(Costly(WORST), allowance, lambda _: WORST) for _ in range(2))
    assert one.generate(REQUEST).failure is None
    assert two.generate(REQUEST).failure is not None


def test_an_interrupted_call_counts_as_its_worst_case() -> None:
    class Interrupted(Costly):
        def generate(self, request: Request) -> Reply:
            raise KeyboardInterrupt

    arm = capped(Interrupted(WORST), Budget(tokens=150))
    with pytest.raises(KeyboardInterrupt):
        arm.generate(REQUEST)
    assert arm.generate(REQUEST).failure is not None


def test_a_cost_that_is_no_number_lets_nothing_through() -> None:
    nan = Spend(usd=float("nan"))
    arm = Capped(Costly(nan), Allowance(Budget(usd=1.0), Spend), lambda _: nan)
    assert arm.generate(REQUEST).failure is not None


def test_no_ceiling_is_no_limit() -> None:
    arm = capped(Costly(replace(WORST, tokens=10**9)), Budget())
    assert all(arm.generate(REQUEST).failure is None for _ in range(5))


def test_closing_closes_the_model() -> None:
    model = Costly(WORST)
    capped(model, Budget()).close()
    assert model.is_closed


def test_a_fake_may_be_capped() -> None:
    arm = capped(FakeModel(["hello"]), Budget(tokens=100))
    assert arm.name == "fake"
    assert arm.generate(REQUEST).answers == ("hello",)
