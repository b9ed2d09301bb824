"""Whole studies that a language model writes for, over a real protocol, without isolation."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from llm_server import N_IN, N_OUT, Handler, Server, serving

from filial.authors import Access
from filial.core import Decision, FailureKind, Proposed
from filial.errors import ConfigError
from filial.running import Surroundings, run
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
from filial.testing.studies import copy_without_cheats

pytestmark = pytest.mark.timeout(180)

KEYS = {"FILIAL_API_KEY": "no-secret"}
BETTER = """\
Hypothesis: adding every number leaves nothing to guess
Expected gain: 0.5 [0.3, 0.7]

```python answer.py::answer
def answer(question):
    return sum(question["numbers"])
```
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        made.say = say
        yield made


def say(n: int) -> str:
    """The best program, and then ideas that change nothing that counts."""
    line = "SHIFT = 5.0  # added for each number of the list"
    swap = f"<<<<<<< SEARCH\n{line}\n=======\nSHIFT = {n}.5\n>>>>>>> REPLACE"
    idea = f"```python answer.py\n{swap}\n```"
    return BETTER if n == 0 else f"Hypothesis: idea {n}\n\n{idea}\n"


def make(folder: Path, server: Server, candidates: int = 6, others: str = "") -> Study:
    if not folder.exists():
        copy_without_cheats("sums", folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    begin, end = text.index("[proposers]"), text.index("[budget]")
    api = f'api = {{ model = "custom:tiny", base_url = "{server.url}" }}'
    budget = f'[budget]\ncandidates = {candidates}\nwall = "10m"\n'
    settings = f"{text[:begin]}[proposers]\n{api}\n{others}\n{budget}\n[run]\nbatch = 2\n"
    assert text[end:].startswith("[budget]")
    (folder / "study.toml").write_text(settings)
    return Study(folder)


def go(study: Study, *, offline: bool = False) -> str:
    access = Access(environment=KEYS, offline=offline)
    around = Surroundings(workers=0, sandbox=InProcessSandbox(), access=access, audit=False)
    return run(study, around)


def proposals(study: Study) -> list[Proposed]:
    with study.storage(read_only=True) as storage:
        bodies = [event.body for event in storage.events()]
    return [body for body in bodies if isinstance(body, Proposed) and body.index >= 0]


def test_a_model_writes_a_gain_that_is_promoted_and_paid_for(
    tmp_path: Path, server: Server
) -> None:
    study = make(tmp_path / "s", server)
    assert go(study) == "the budget is used up: candidates"
    history = study.history()
    assert [g.number for g in history.generations] == [0, 1]
    best = history.standings[history.incumbent.candidate].candidate
    assert (best.proposer, best.hypothesis) == (
        "api",
        "adding every number leaves nothing to guess",
    )
    assert best.predicted is not None
    assert (best.predicted.effect, best.predicted.low, best.predicted.high) == (0.5, 0.3, 0.7)
    assert history.spend.tokens == len(server.bodies) * (N_IN + N_OUT)
    assert len(list((study.paths.folder / "calls").glob("*.json"))) == len(server.bodies)
    asked = str(server.bodies[-1])
    assert "adding every number" in asked, "the brief tells what was tried"
    assert "exam.py" not in asked


def test_a_study_repeats_bit_for_bit_without_its_model(tmp_path: Path, server: Server) -> None:
    study = make(tmp_path / "s", server)
    go(study)
    n_calls = len(server.bodies)
    again = tmp_path / "again"
    shutil.copytree(study.paths.folder, again, ignore=shutil.ignore_patterns(".filial", "*.git"))
    shutil.copytree(study.paths.folder / ".filial", again / ".filial", ignore=only_the_secret)
    repeated = Study(again)
    assert go(repeated, offline=True) == "the budget is used up: candidates"
    assert len(server.bodies) == n_calls
    assert proposals(repeated) == proposals(study)
    verdicts = [one.verdict for one in study.history().verdicts]
    assert [one.verdict for one in repeated.history().verdicts] == verdicts
    assert Decision.PROMOTE in {verdict.decision for verdict in verdicts}


def only_the_secret(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name != "secret"}


def test_offline_nobody_is_called(tmp_path: Path, server: Server) -> None:
    reason = go(make(tmp_path / "s", server), offline=True)
    assert reason.startswith("paused, for no model answers (api: there is no recording")
    assert server.bodies == []


def test_a_wrong_key_pauses_and_the_study_goes_on_once_it_is_mended(
    tmp_path: Path, server: Server
) -> None:
    server.script.extend([refuse] * 3)
    study = make(tmp_path / "s", server)
    reason = go(study)
    assert reason.startswith("paused, for no model answers (api: ")
    assert "FILIAL_API_KEY" in reason
    (refused, *_) = proposals(study)
    assert refused.failure is not None
    assert refused.failure.kind is FailureKind.MODEL
    server.script.clear()
    server.bodies.clear()
    assert go(study) == "the budget is used up: candidates"
    assert [g.number for g in study.history().generations] == [0, 1]


def refuse(handler: Handler) -> None:
    handler.send(401, '{"error": {"message": "invalid api key"}}')


def test_others_go_on_where_a_model_does_not_answer(tmp_path: Path, server: Server) -> None:
    server.script.extend([refuse] * 30)
    study = make(tmp_path / "s", server, 8, "operators = { share = 0.5 }")
    assert go(study) == "the budget is used up: candidates"
    kinds = [(one.proposer, one.failure and one.failure.kind) for one in proposals(study)]
    assert kinds.count(("api", FailureKind.MODEL)) == 1
    assert [name for name, _ in kinds].count("operators") >= 6


def test_a_ceiling_on_tokens_is_never_passed(tmp_path: Path, server: Server) -> None:
    study = make(tmp_path / "s", server)
    text = study.paths.settings.read_text(encoding="utf-8")
    study.paths.settings.write_text(text.replace("[budget]\n", "[budget]\ntokens = 900\n"))
    study = Study(study.paths.folder)
    reason = go(study)
    assert reason.startswith("paused")
    assert "tokens" in reason
    assert server.bodies == [], "an answer might have cost more"


def test_a_price_that_nobody_knows_cannot_be_held(tmp_path: Path, server: Server) -> None:
    study = make(tmp_path / "s", server)
    text = study.paths.settings.read_text(encoding="utf-8")
    far = text.replace(server.url, "https://models.example.org/v1")
    study.paths.settings.write_text(far.replace("[budget]\n", "[budget]\nusd = 5\n"))
    with pytest.raises(ConfigError, match=r"budget\.usd: nobody knows the price of custom:tiny"):
        go(Study(study.paths.folder))
