"""Providers over real connections: whatever a server does, there is an answer or one sentence."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llm_server import (
    N_IN,
    N_OUT,
    Fault,
    Server,
    break_off,
    endless,
    hang,
    hang_up,
    reset,
    says,
    serving,
    status,
    text,
)

from filial.core import Budget, FailureKind, Reply, Request, Spend, Turn
from filial.models import Allowance, Capped, Patience, Provider, Recorded, endpoint
from filial.models.client import Client

KEY = "sk-abc123"
BUSY, DEAD = FailureKind.MODEL_BUSY, FailureKind.MODEL
QUICK = Patience(timeout_s=60.0, max_retries=2, backoff_s=0.0)
REQUEST = Request(system="Be brief.", turns=(Turn(role="user", text="Say something."),))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as it:
        yield it


def ask(
    server: Server,
    request: Request = REQUEST,
    *,
    model: str = "custom:small",
    patience: Patience = QUICK,
    key: str | None = KEY,
) -> Reply:
    provider = Provider(model, base_url=server.url, key=key, patience=patience)
    with closing(provider):
        return provider.generate(request)


def test_an_answer_and_what_it_cost(server: Server) -> None:
    reply = ask(server)
    assert reply == Reply(
        answers=("answer 0",), spend=Spend(tokens=N_IN + N_OUT), model="custom:small"
    )
    (body,), (headers,) = server.bodies, server.headers
    assert body["model"] == "small"
    assert body["max_tokens"] == REQUEST.max_tokens
    assert body["temperature"] == REQUEST.temperature
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert headers["authorization"] == f"Bearer {KEY}"


def test_a_conversation_is_sent_in_order(server: Server) -> None:
    turns = (
        Turn(role="user", text="one"),
        Turn(role="assistant", text="two"),
        Turn(role="user", text="three \ud800"),
    )
    assert ask(server, replace(REQUEST, turns=turns)).failure is None
    sent = [(m["role"], m["content"]) for m in server.bodies[0]["messages"][1:]]
    assert sent == [("user", "one"), ("assistant", "two"), ("user", "three ?")]


def test_every_answer_has_a_seed_of_its_own_and_the_same_each_time(server: Server) -> None:
    seeds = []
    for _ in range(2):
        reply = ask(server, replace(REQUEST, n_answers=3, seed=7))
        assert len(reply.answers) == 3
        assert reply.spend.tokens == 3 * (N_IN + N_OUT)
        seeds.append({body["seed"] for body in server.bodies})
        server.bodies.clear()
    assert seeds[0] == seeds[1]
    assert len(seeds[0]) == 3


def test_the_beginning_is_asked_for_and_there_either_way(server: Server) -> None:
    server.script.extend([says("  ```python\nx"), says("x = 1")])
    one, two = (ask(server, replace(REQUEST, prefix="```python\n")) for _ in range(2))
    assert one.answers == ("```python\nx",)
    assert two.answers == ("```python\nx = 1",)
    assert "```python\n" in server.bodies[0]["messages"][0]["content"]


SENTENCES: dict[str, tuple[Fault, FailureKind, str, int]] = {
    "bad key": (status(401, f"bad {KEY}"), DEAD, "set FILIAL_API_KEY", 1),
    "forbidden": (status(403), DEAD, "set FILIAL_API_KEY", 1),
    "unknown model": (status(404), DEAD, "has no model small", 1),
    "quota": (status(429, "pay", "insufficient_quota"), DEAD, "no credit left", 1),
    "payment": (status(402), DEAD, "no credit left", 1),
    "context": (
        status(400, "This model's maximum context length is 8 tokens", "context_length_exceeded"),
        DEAD,
        "lower the tokens of the brief",
        1,
    ),
    "rejected": (status(400, "no such parameter"), DEAD, 'HTTP 400: "no such parameter"', 1),
    "filtered request": (status(400, "x", "content_filter"), BUSY, "content filter", 1),
    "redirect": (status(307, Location="http://127.0.0.1:1/v1"), DEAD, "redirect (HTTP 307)", 1),
    "rate": (status(429), BUSY, "limits how often", 3),
    "rate, long": (status(429, Retry_After="3600"), BUSY, "asks to wait 3600 s", 1),
    "broken": (status(500, "oops"), BUSY, 'HTTP 500: "oops"', 3),
    "overloaded": (status(529), BUSY, "out of order (HTTP 529", 3),
    "unavailable": (status(503), BUSY, "out of order (HTTP 503", 3),
    "no such path": (status(405), DEAD, "refuses the request (HTTP 405", 1),
    "conflict": (status(409), BUSY, "out of order (HTTP 409", 3),
    "hang-up": (hang_up, BUSY, "broke off", 1),
    "reset": (reset, BUSY, "broke off", 1),
    "cut reply": (break_off, BUSY, "broke off", 1),
    "garbage": (text("\0\xff{", content_type="text/html"), BUSY, "check that base_url", 1),
    "bad JSON": (text('{"choices": [{'), BUSY, "check that base_url", 1),
    "not UTF-8": (text(b'{"choices": "\xff\xfe"}'), BUSY, "check that base_url", 1),
    "wrong JSON": (text('{"answer": 42}'), BUSY, "check that base_url", 1),
    "no choices": (text('{"choices": []}'), BUSY, "check that base_url", 1),
    "a list": (text("[1, 2]"), BUSY, "check that base_url", 1),
    "null": (text("null"), BUSY, "check that base_url", 1),
    "no body": (text(""), BUSY, "check that base_url", 1),
    "deep JSON": (text("[" * 100_000), BUSY, "check that base_url", 1),
    "empty": (says(""), BUSY, "answered nothing", 1),
    "blank": (says(" \n\t"), BUSY, "answered nothing", 1),
    "only thought": (says("", "length"), BUSY, "raise max_tokens", 1),
    "filtered": (says("x", "content_filter"), BUSY, "content filter", 1),
    "1 MB": (says("x" * 2**20), BUSY, "far greater length", 1),
    "endless": (endless, BUSY, "far greater length", 1),
    "packed": (text(b"\x1f\x8b", Content_Encoding="gzip"), BUSY, "far greater length", 1),
}


@pytest.mark.parametrize("fault", SENTENCES)
def test_each_trouble_is_one_sentence(server: Server, fault: str) -> None:
    act, kind, words, n_calls = SENTENCES[fault]
    server.script.extend([act] * 4)
    reply = ask(server)
    assert reply.answers == ()
    assert reply.failure is not None
    assert reply.failure.kind is kind
    assert words in reply.failure.detail
    assert reply.failure.detail.isprintable()
    assert len(reply.failure.detail) < 400
    assert KEY not in reply.failure.detail
    assert not reply.failure.blames_candidate
    assert len(server.bodies) == n_calls


@pytest.mark.parametrize("fault", ["hang-up", "cut reply", "wrong JSON", "garbage", "endless"])
def test_what_may_have_been_paid_counts_as_the_worst_case(server: Server, fault: str) -> None:
    server.script.append(SENTENCES[fault][0])
    provider = Provider("custom:small", base_url=server.url, patience=QUICK)
    with closing(provider):
        assert provider.generate(REQUEST).spend == provider.worst(REQUEST)


@pytest.mark.parametrize("fault", ["bad key", "rate", "broken"])
def test_what_was_refused_costs_nothing(server: Server, fault: str) -> None:
    server.script.extend([SENTENCES[fault][0]] * 4)
    assert ask(server).spend == Spend()


@pytest.mark.parametrize("fault", ["empty", "filtered", "1 MB", "only thought"])
def test_a_useless_answer_is_paid_for(server: Server, fault: str) -> None:
    server.script.append(SENTENCES[fault][0])
    assert ask(server).spend.tokens == N_IN + N_OUT


@pytest.mark.parametrize("claim", [-5, 10**30, 0])
def test_an_incredible_bill_counts_as_the_worst_case(server: Server, claim: int) -> None:
    usage = {"prompt_tokens": claim, "completion_tokens": 0, "total_tokens": claim}
    server.script.append(lambda handler: handler.answer("x", usage=usage))
    provider = Provider("custom:small", base_url=server.url, patience=QUICK)
    with closing(provider):
        assert provider.generate(REQUEST).spend == provider.worst(REQUEST)


def test_what_passes_is_tried_again(server: Server) -> None:
    server.script.extend([status(500), status(429)])
    reply = ask(server)
    assert reply.answers == ("answer 2",)
    assert reply.spend.tokens == N_IN + N_OUT


def test_a_provider_that_says_how_long_to_wait_is_heeded(server: Server) -> None:
    server.script.append(status(429, Retry_After="0"))
    # Its own wait would outlast the time-out, and it would give up.
    patience = Patience(timeout_s=60.0, max_retries=1, backoff_s=59.9, max_wait_s=100.0)
    assert ask(server, patience=patience).answers == ("answer 1",)


def test_no_wait_goes_beyond_the_timeout(server: Server) -> None:
    server.script.append(status(429, Retry_After="90"))
    patience = Patience(timeout_s=60.0, max_wait_s=100.0)
    reply = ask(server, patience=patience)
    assert reply.failure is not None
    assert "asks to wait 90 s" in reply.failure.detail


def test_a_hang_ends_with_the_timeout(server: Server) -> None:
    server.script.append(hang)
    provider = Provider("custom:small", base_url=server.url, patience=Patience(timeout_s=0.5))
    with closing(provider):
        reply = provider.generate(REQUEST)
        assert reply.failure is not None
        assert reply.failure.kind is BUSY
        assert "did not answer within 0.5 s" in reply.failure.detail
        assert reply.spend == provider.worst(REQUEST)


def test_an_answer_that_was_never_asked_for_costs_nothing(server: Server) -> None:
    server.script.append(hang)
    patience = Patience(timeout_s=0.5, n_at_once=1)
    provider = Provider("custom:small", base_url=server.url, patience=patience)
    with closing(provider):
        reply = provider.generate(replace(REQUEST, n_answers=3))
        assert reply.failure is not None
        assert reply.spend == provider.worst(REQUEST)
    assert len(server.bodies) == 1


def test_answers_that_came_in_time_are_kept(server: Server) -> None:
    server.script.append(hang)
    provider = Provider("custom:small", base_url=server.url, patience=Patience(timeout_s=4.0))
    request = replace(REQUEST, n_answers=3)
    with closing(provider):
        reply = provider.generate(request)
        assert len(reply.answers) == 2
        assert reply.failure is None
        assert reply.spend.tokens == 2 * (N_IN + N_OUT) + provider.worst(REQUEST).tokens


def test_a_dead_endpoint_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        provider = Provider("custom:small", base_url=url, patience=QUICK)
        with closing(provider):
            reply = provider.generate(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind is BUSY
    assert reply.failure.detail == (f"nothing answers at {url}; start the server or mend base_url")
    assert reply.spend == Spend()


def test_a_server_that_comes_back_is_asked_again(server: Server) -> None:
    server.script.append(hang_up)
    provider = Provider("custom:small", base_url=server.url, patience=QUICK)
    with closing(provider):
        assert provider.generate(REQUEST).failure is not None
        assert provider.generate(REQUEST).answers == ("answer 1",)


def test_answers_are_drawn_side_by_side_but_not_all_at_once(server: Server) -> None:
    barrier = threading.Barrier(3)
    lock = threading.Lock()
    n_now, most = 0, 0

    def meet(handler: Any) -> None:
        nonlocal n_now, most
        with lock:
            n_now += 1
            most = max(most, n_now)
        barrier.wait(60)
        with lock:
            n_now -= 1
        handler.answer("met")

    server.script.extend([meet] * 6)
    reply = ask(server, replace(REQUEST, n_answers=6), patience=replace(QUICK, n_at_once=3))
    assert reply.answers == ("met",) * 6
    assert most == 3


def test_those_who_wait_do_not_try_a_refused_key(server: Server) -> None:
    server.script.extend([status(401)] * 9)
    request = replace(REQUEST, n_answers=9)
    reply = ask(server, request, patience=replace(QUICK, n_at_once=1))
    assert reply.failure is not None
    assert len(server.bodies) == 1


def test_many_threads_share_one(server: Server) -> None:
    provider = Provider("custom:small", base_url=server.url, patience=QUICK)
    with closing(provider), ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: provider.generate(REQUEST), range(40)))
    assert sorted(a for r in replies for a in r.answers) == sorted(
        f"answer {n}" for n in range(40)
    )


def test_closing_ends_calls_in_flight(server: Server) -> None:
    server.script.append(hang)
    provider = Provider("custom:small", base_url=server.url, patience=QUICK)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(provider.generate, REQUEST)
        assert server.was_asked.wait(60)
        provider.close()
        reply = future.result(60)
    assert reply.failure is not None
    assert reply.failure.kind is BUSY
    assert reply.spend == provider.worst(REQUEST)
    provider.close()
    after = provider.generate(REQUEST)
    assert after.failure is not None
    assert after.failure.kind is DEAD
    assert len(server.bodies) == 1


def test_an_interrupt_is_not_waited_out(server: Server) -> None:
    server.script.append(hang)
    patience = Patience(timeout_s=600.0)
    provider = Provider("custom:small", base_url=server.url, patience=patience)

    def interrupt() -> None:
        server.was_asked.wait(60)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with closing(provider), pytest.raises(KeyboardInterrupt):
            provider.generate(REQUEST)
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)


CLIENTS = {
    "openai": "gpt-4o",
    "openai-responses": "gpt-5",
    "anthropic": "claude-served",
    "google": "gemini-2.5-flash",
}


@pytest.mark.parametrize("service", CLIENTS)
def test_every_client_answers(service: str, server: Server) -> None:
    request = replace(REQUEST, n_answers=2, temperature=1.5)
    reply = ask(server, request, model=f"{service}:{CLIENTS[service]}")
    assert reply.failure is None
    assert sorted(reply.answers) == ["answer 0", "answer 1"]
    assert reply.spend == Spend(tokens=2 * (N_IN + N_OUT))
    for headers in server.headers:
        assert any(KEY in value for value in headers.values())


@pytest.mark.parametrize("service", CLIENTS)
def test_every_client_knows_its_home(service: str) -> None:
    where = endpoint(f"{service}:{CLIENTS[service]}")
    client = Client(where, KEY, 60.0)
    asyncio.run(client.aclose())
    assert client.model.base_url is not None
    assert client.model.base_url.startswith(where.base_url)
    assert client.model.model_name == CLIENTS[service]


@pytest.mark.parametrize("service", [*CLIENTS, "custom"])
def test_the_environment_has_no_say(
    service: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI", "ANTHROPIC", "GOOGLE", "GEMINI"):
        monkeypatch.setenv(f"{name}_API_KEY", "sk-of-the-environment")
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:1/")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask(server, model=f"{service}:some-model", key=None).failure is None
    assert "sk-of-the-environment" not in str(server.headers)


@pytest.mark.parametrize("service", CLIENTS)
@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (status(401), DEAD, "set FILIAL_API_KEY"),
        (status(404), DEAD, "has no model"),
        (status(429, Retry_After="3600"), BUSY, "asks to wait 3600 s"),
        (status(500), BUSY, "out of order"),
        (hang_up, BUSY, "broke off"),
        (break_off, BUSY, "broke off"),
        (text("<html>", content_type="text/html"), BUSY, "check that base_url"),
        (text("{}"), BUSY, ""),
        (text("[]"), BUSY, ""),
        (endless, BUSY, "far greater length"),
        (status(307, Location="http://127.0.0.1:1/v1"), DEAD, "redirect (HTTP 307)"),
    ],
    ids=[
        "401",
        "404",
        "429",
        "500",
        "hang-up",
        "cut",
        "html",
        "object",
        "list",
        "endless",
        "redirect",
    ],
)
def test_every_client_tells_the_same(
    service: str, fault: Fault, kind: FailureKind, words: str, server: Server
) -> None:
    server.script.extend([fault] * 4)
    reply = ask(server, model=f"{service}:{CLIENTS[service]}")
    assert reply.failure is not None
    assert reply.failure.kind is kind
    assert words in reply.failure.detail
    assert len(server.bodies) <= 3


def test_a_study_s_calls_are_repeated_when_the_server_is_gone(tmp_path: Path) -> None:
    requests = [replace(REQUEST, seed=seed, n_answers=2) for seed in range(4)]
    with serving() as server:
        provider = Provider("custom:small", base_url=server.url, patience=QUICK)
        two_calls = 2 * 2 * (N_IN + N_OUT)
        budget = Budget(tokens=two_calls + provider.worst(requests[0]).tokens)
        allowance = Allowance(budget, Spend)
        model = Recorded(provider.name, tmp_path, Capped(provider, allowance, provider.worst))
        with closing(model):
            replies = [model.generate(request) for request in requests]
        n_calls = len(server.bodies)
    kinds = [reply.failure and reply.failure.kind for reply in replies]
    assert kinds == [None, None, None, DEAD]  # the last might have cost more than is left
    assert n_calls == 6
    again = Recorded("custom:small", tmp_path)
    assert [again.generate(request) for request in requests] == replies
