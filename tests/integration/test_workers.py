"""The number of workers changes how long a study takes, and nothing else."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from filial.core import SESSION_EVENTS, RunStarted
from filial.kits import copy
from filial.running import Surroundings, run
from filial.storages import content
from filial.study import Study

pytestmark = pytest.mark.timeout(300)

N_CANDIDATES = 16


def make_study(folder: Path) -> None:
    copy("sums", folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert "candidates = 60" in text
    path.write_text(text.replace("candidates = 60", f"candidates = {N_CANDIDATES}"))
    assert Study(folder).seeds.commitment  # every copy needs the same secret


def story(folder: Path) -> list[str]:
    with Study(folder).storage(read_only=True) as storage:
        assert storage.verify() > 0
        bodies = [event.body for event in storage.events()]
    return [content(body) for body in bodies if not isinstance(body, SESSION_EVENTS)]


def note(told: list[tuple[int, str]], worker: int, text: str) -> None:
    told.append((worker, text))


def test_any_number_of_workers_writes_the_same_ledger(tmp_path: Path) -> None:
    make_study(tmp_path / "0")
    stories = []
    for n_workers in (0, 1, 2):
        folder = tmp_path / f"{n_workers}"
        if n_workers:
            shutil.copytree(tmp_path / "seed", folder)
        else:
            shutil.copytree(folder, tmp_path / "seed")
        told: list[tuple[int, str]] = []
        around = Surroundings(workers=n_workers, watcher=partial(note, told))
        assert run(Study(folder), around) == "the budget is used up: candidates"
        assert {worker for worker, _ in told} == set(range(max(n_workers, 1)))
        stories.append(story(folder))
        with Study(folder).storage(read_only=True) as storage:
            sessions = [e.body for e in storage.events() if isinstance(e.body, RunStarted)]
        assert [session.workers for session in sessions] == [n_workers]
        assert not list(Study(folder).paths.scratch.glob("tmp*"))
    assert stories[0] == stories[1] == stories[2]
    assert sum('"kind":"VerdictReached"' in line for line in stories[0]) >= 8
    assert sum('"kind":"Promoted"' in line for line in stories[0]) >= 2
