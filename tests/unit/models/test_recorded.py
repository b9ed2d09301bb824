"""Recorded answers: the same ones, without a call; damage is told, not repeated."""

import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filial.core import Failure, FailureKind, Reply, Request, Spend, Turn
from filial.errors import HostError
from filial.models import Recorded
from filial.testing.models import FakeModel

REQUEST = Request(system="Be brief.", turns=(Turn(role="user", text="Räksmörgås?\n"),), seed=3)


class Told:
    """Returns the same reply each time."""

    name = "told"

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.n_calls = 0
        self.is_closed = False

    def generate(self, request: Request) -> Reply:
        self.n_calls += 1
        return self.reply

    def close(self) -> None:
        self.is_closed = True


REPLY = Reply(answers=("é", "x\n"), spend=Spend(tokens=9, usd=0.1, cpu_s=0.3), model="told-v1")
REFUSED = Reply(answers=(), failure=Failure(kind=FailureKind.MODEL_BUSY, detail="later"))


def test_a_second_time_nobody_is_asked(tmp_path: Path) -> None:
    model = Told(REPLY)
    for _ in range(2):
        assert Recorded("told", tmp_path / "calls", model).generate(REQUEST) == REPLY
    assert model.n_calls == 1
    assert Recorded("told", tmp_path / "calls").generate(REQUEST) == REPLY


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, seed=4),
        replace(REQUEST, temperature=0.7),
        replace(REQUEST, n_answers=2),
        replace(REQUEST, max_tokens=7),
        replace(REQUEST, prefix="x"),
        replace(REQUEST, system="Be brief"),
        replace(REQUEST, turns=(replace(REQUEST.turns[0], role="assistant"),)),
        replace(REQUEST, turns=REQUEST.turns * 2),
    ],
)
def test_any_other_request_is_another_call(tmp_path: Path, other: Request) -> None:
    model = Told(REPLY)
    recorded = Recorded("told", tmp_path, model)
    recorded.generate(REQUEST)
    recorded.generate(other)
    assert model.n_calls == 2


def test_another_model_has_other_answers(tmp_path: Path) -> None:
    Recorded("told", tmp_path, Told(REPLY)).generate(REQUEST)
    assert Recorded("another", tmp_path).generate(REQUEST).failure is not None


def test_without_a_model_a_new_call_is_refused(tmp_path: Path) -> None:
    reply = Recorded("told", tmp_path / "none").generate(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.MODEL
    assert "no recording of this call to told and --offline is set" in reply.failure.detail
    assert not (tmp_path / "none").exists()


def test_a_failure_is_repeated_without_the_model_and_asked_again_with_it(tmp_path: Path) -> None:
    model = Told(REFUSED)
    recorded = Recorded("told", tmp_path, model)
    assert recorded.generate(REQUEST) == REFUSED
    assert Recorded("told", tmp_path).generate(REQUEST) == REFUSED
    model.reply = REPLY
    assert recorded.generate(REQUEST) == REPLY
    assert Recorded("told", tmp_path).generate(REQUEST) == REPLY


def test_a_recording_is_one_readable_file(tmp_path: Path) -> None:
    Recorded("told", tmp_path, Told(REPLY)).generate(REQUEST)
    (path,) = tmp_path.iterdir()
    assert len(path.stem) == 64
    text = path.read_text(encoding="utf-8")
    assert "Räksmörgås?" in text
    assert text.count("\n") > 10
    data = json.loads(text)
    assert data["model"] == "told"
    assert data["reply"]["answers"] == ["é", "x\n"]


def _put(path: Path, key: str, value: object) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    data[key] = value
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_text("[" * 100_000),
        lambda path: path.write_text("null"),
        lambda path: _put(path, "reply", {"answers": ["another"]}),
        lambda path: _put(path, "reply", {"answers": "é"}),
        lambda path: _put(path, "model", "another"),
        lambda path: _put(path, "format", 2),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
@pytest.mark.parametrize("is_offline", [True, False])
def test_a_damaged_recording_is_told_and_kept(
    tmp_path: Path, damage: object, *, is_offline: bool
) -> None:
    model = Told(REPLY)
    Recorded("told", tmp_path, model).generate(REQUEST)
    (path,) = tmp_path.iterdir()
    assert callable(damage)
    damage(path)
    reply = Recorded("told", tmp_path, None if is_offline else model).generate(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.MODEL
    assert f"the recording {path} is damaged; remove it" in reply.failure.detail
    assert model.n_calls == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_under_another_s_name_is_damaged(tmp_path: Path) -> None:
    model = Told(REPLY)
    recorded = Recorded("told", tmp_path, model)
    recorded.generate(REQUEST)
    (path,) = tmp_path.iterdir()
    recorded.generate(replace(REQUEST, seed=4))
    (other,) = set(tmp_path.iterdir()) - {path}
    other.write_bytes(path.read_bytes())
    assert recorded.generate(replace(REQUEST, seed=4)).failure is not None


@given(
    st.text(alphabet=st.characters(exclude_categories=())),
    st.text(),
    st.integers(),
    st.floats(0, 2),
)
def test_any_text_comes_back(system: str, answer: str, seed: int, temperature: float) -> None:
    request = Request(system=system, turns=(), seed=seed, temperature=temperature)
    reply = Reply(answers=(answer,), spend=Spend(usd=temperature))
    with tempfile.TemporaryDirectory() as folder:
        Recorded("told", Path(folder), Told(reply)).generate(request)
        assert Recorded("told", Path(folder)).generate(request) == reply


def test_two_who_ask_the_same_at_once_make_one_call(tmp_path: Path) -> None:
    model = FakeModel(lambda _: ["same"])
    recorded = Recorded("fake", tmp_path, model)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: recorded.generate(REQUEST), range(32)))
    assert len(model.requests) == 1
    assert all(reply == replies[0] for reply in replies)


def test_two_who_ask_otherwise_do_not_wait_for_each_other(tmp_path: Path) -> None:
    barrier = threading.Barrier(2)

    def meet(request: Request) -> list[str]:
        barrier.wait(60)
        return [str(request.seed)]

    recorded = Recorded("fake", tmp_path, FakeModel(meet))
    with ThreadPoolExecutor(2) as pool:
        requests = [replace(REQUEST, seed=seed) for seed in (1, 2)]
        answers = [reply.answers for reply in pool.map(recorded.generate, requests)]
    assert answers == [("1",), ("2",)]


def test_a_folder_that_cannot_be_written_is_the_host_s_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    recorded = Recorded("told", tmp_path / "file" / "calls", Told(REPLY))
    with pytest.raises(HostError, match="cannot record in"):
        recorded.generate(REQUEST)


def test_closing_closes_the_model(tmp_path: Path) -> None:
    model = Told(REPLY)
    Recorded("told", tmp_path, model).close()
    Recorded("told", tmp_path).close()
    assert model.is_closed


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    model = Told(REPLY)
    recorded = Recorded("told", tmp_path, model)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            recorded.generate(REQUEST)
    assert list(tmp_path.iterdir()) == []
    assert recorded.generate(REQUEST) == REPLY
    assert model.n_calls == 2
