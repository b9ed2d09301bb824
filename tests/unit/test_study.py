"""A study's folder, and what is put together from it."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from filial.core import History, Metric, Seeds
from filial.errors import ConfigError, ExamError, LedgerError
from filial.sandboxes.removal import remove_tree
from filial.study import Study

SETTINGS = """\
[study]
name = "s"
goal = "g"
[surfaces]
program = ["answer.py"]
[exam]
class = "exam.py:Two"
primary = "accuracy"
[proposers]
operators = {}
"""
EXAM = """\
import filial

class Two(filial.Exam):
    metrics = [filial.Metric("accuracy"), filial.Metric("speed", direction="min")]

    @classmethod
    def prepare(cls, public, private):
        (public / "a.txt").write_text("public")
        (private / "b").mkdir()
        (private / "b" / "c.txt").write_text("private")

    def items(self, split, rng):
        yield filial.Item(1)

    def score(self, item, answer):
        return {"accuracy": 1.0, "speed": 1.0}
"""
Make = Callable[..., Study]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(exam: str = "", source: str = EXAM, settings: str = SETTINGS) -> Study:
        (tmp_path / "code").mkdir(exist_ok=True)
        (tmp_path / "code" / "answer.py").write_text("x = 1\n")
        text = settings.replace("[proposers]", f"{exam}\n[proposers]")
        (tmp_path / "study.toml").write_text(text)
        (tmp_path / "exam.py").write_text(source)
        return Study(tmp_path)

    return make


def test_metrics_are_looked_up_by_name(make: Make) -> None:
    study = make(
        'guards = ["peak_memory", "artifact"]\nshift = ["speed"]\n'
        "tolerances = { speed = 0.5, artifact = 2 }"
    )
    assert study.primary == Metric("accuracy")
    assert study.guards == (
        Metric("peak_memory", unit="MiB", direction="min"),
        Metric("artifact", unit="MiB", direction="min", tolerance=2.0),
        Metric("speed", direction="min", tolerance=0.5),
    )


def test_an_unknown_primary_metric(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make(settings=SETTINGS.replace('"accuracy"', '"acuracy"'))
    assert str(caught.value) == (
        f"{tmp_path / 'study.toml'}: exam.primary: no metric 'acuracy'; did you mean 'accuracy'?"
    )


@pytest.mark.parametrize("where", ["guards", "shift"])
def test_an_unknown_guard(make: Make, where: str) -> None:
    with pytest.raises(ConfigError, match=rf"exam\.{where}: no metric 'sped'; did you mean 'spe"):
        _ = make(f'{where} = ["sped"]').guards


@pytest.mark.parametrize("name", ["peak_memory", "artifact"])
def test_a_metered_metric_can_only_be_a_guard(make: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _ = make(f'shift = ["{name}"]').guards
    assert str(caught.value) == (
        f"{tmp_path / 'study.toml'}: exam.shift: {name} is metered and can only be a guard: "
        "name it in exam.guards"
    )
    with pytest.raises(ConfigError, match=rf"exam\.primary: {name} is metered"):
        make(settings=SETTINGS.replace('"accuracy"', f'"{name}"'))


def test_a_tolerance_of_no_guard(make: Make) -> None:
    with pytest.raises(ConfigError, match=r"exam\.tolerances\.accuracy: that is no guard"):
        _ = make('guards = ["speed"]\ntolerances = { accuracy = 1 }').guards


def test_the_initial_code(make: Make) -> None:
    study = make()
    initial = study.initial()
    assert (initial.index, initial.parent, initial.proposer) == (-1, "", "user")
    assert dict(study.workspace.read(initial.id)) == {"answer.py": "x = 1\n"}
    assert make().initial() == initial


def test_a_surface_that_no_file_is_on(make: Make, tmp_path: Path) -> None:
    study = make(settings=SETTINGS.replace("[exam]", 'loss = ["loss.py", "l/*"]\n[exam]'))
    with pytest.raises(ConfigError) as caught:
        study.initial()
    assert str(caught.value) == (
        f"{tmp_path / 'study.toml'}: surfaces.loss: no file in {tmp_path / 'code'} matches "
        "loss.py, l/*"
    )


def test_the_secret_is_made_once_and_kept_from_others(make: Make) -> None:
    study = make()
    commitment = study.seeds.commitment
    assert make().seeds.commitment == commitment
    assert len(study.paths.secret.read_bytes()) == 32
    assert stat.S_IMODE(study.paths.secret.stat().st_mode) == 0o600


def test_a_kill_while_the_secret_is_made_leaves_none(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", die)
        with pytest.raises(KeyboardInterrupt):
            _ = make().seeds
    assert not make().paths.secret.exists()
    assert make().seeds.commitment == make().seeds.commitment
    assert [path.name for path in make().paths.state.iterdir()] == ["secret"]


def test_a_secret_made_by_another_process_meanwhile_is_used(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make()
    monkeypatch.setattr("os.fsync", lambda _: study.paths.secret.write_bytes(b"s" * 32))
    assert study.seeds.commitment == Seeds(b"s" * 32).commitment


@pytest.mark.parametrize("n_bytes", [0, 31, 33])
def test_a_damaged_secret_is_one_clear_line(make: Make, n_bytes: int) -> None:
    study = make()
    study.paths.state.mkdir()
    study.paths.secret.write_bytes(b"s" * n_bytes)
    with pytest.raises(LedgerError, match=rf"secret holds {n_bytes} bytes, not 32: restore it"):
        _ = study.seeds


def test_parts_may_be_missing(make: Make, tmp_path: Path) -> None:
    assert make().parts == {}
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    (tmp_path / "parts" / "deep" / "a.py").write_text("a = 1\n")
    (tmp_path / "parts" / "notes.txt").write_text("no part")
    assert make().parts == {"deep/a.py": "a = 1\n"}


def test_data_is_prepared_once(make: Make) -> None:
    study = make()
    digest = study.prepare_data()
    assert (study.paths.public / "a.txt").read_text() == "public"
    assert (study.paths.private / "b" / "c.txt").read_text() == "private"
    assert make(source=EXAM.replace('"public"', '"other"')).prepare_data() == digest
    (study.paths.private / "b" / "c.txt").write_text("tampered")
    assert study.prepare_data() != digest


def test_data_half_prepared_is_prepared_anew(make: Make) -> None:
    broken = EXAM.replace("(private", "raise OSError('no network')\n        (private", 1)
    with pytest.raises(ExamError, match=r"Two.prepare raised OSError: no network"):
        make(source=broken).prepare_data()
    study = make()
    assert study.prepare_data()
    assert (study.paths.private / "b" / "c.txt").exists()


def test_what_a_study_rests_on(make: Make) -> None:
    before = make().opened("policy")
    assert make().opened("policy") == before
    assert make("answer = 11").opened("policy").changed_from(before) == ("config",)
    assert make(source=EXAM + "# a note\n").opened("policy").changed_from(before) == ("exam",)
    assert make().opened("other").changed_from(before) == ("policy",)
    budget = SETTINGS + "[budget]\ntrials = 9\n"
    assert make(settings=budget).opened("policy") == before


def test_a_study_rests_on_its_parts_and_on_what_it_replays(make: Make, tmp_path: Path) -> None:
    none = make().opened("policy")
    part = tmp_path / "parts" / "deep" / "a.py"
    part.parent.mkdir(parents=True)
    part.write_text("a = 1\n")
    (tmp_path / "parts" / "notes.txt").write_text("no part")
    one = make().opened("policy")
    assert one.changed_from(none) == ("config",)
    (tmp_path / "parts" / "notes.txt").write_text("other notes")
    assert make().opened("policy") == one
    part.write_text("a = 2\n")
    two = make().opened("policy")
    assert two.changed_from(one) == ("config",)
    part.rename(tmp_path / "parts" / "a.py")
    assert make().opened("policy").config not in {none.config, one.config, two.config}

    replaying = SETTINGS.replace("operators = {}", 'replay = { file = "p.jsonl" }')
    with pytest.raises(
        ConfigError, match=r"study\.toml: proposers\.replay\.file: there is no fil"
    ):
        make(settings=replaying).opened("policy")
    (tmp_path / "p.jsonl").write_text("{}\n")
    before = make(settings=replaying).opened("policy")
    (tmp_path / "p.jsonl").write_text("{ }\n")
    assert make(settings=replaying).opened("policy").changed_from(before) == ("config",)


def test_a_study_that_never_ran_has_no_history(make: Make) -> None:
    study = make()
    assert study.history() == History()
    assert not study.paths.state.exists()


@pytest.mark.parametrize("name", ["parts", "lib"])
def test_folders_nested_too_deeply_are_refused_in_one_line_or_passed_over(
    make: Make, tmp_path: Path, name: str
) -> None:
    study = make()
    (tmp_path / name).mkdir()
    opened = os.open(tmp_path / name, os.O_RDONLY)
    for _ in range(1500):  # by path, the system itself would refuse
        os.mkdir("a", dir_fd=opened)
        inner = os.open("a", os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inner
    os.close(opened)
    try:
        with suppress(ConfigError):  # which it is up to Python 3.12
            study.opened("policy")
    finally:
        remove_tree(tmp_path / name)
