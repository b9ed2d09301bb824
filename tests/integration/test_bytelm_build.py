"""The kit bytelm in a real sandbox: it trains, it is examined, and so is every alternative."""

import shutil
from pathlib import Path

import pytest

import filial
from filial.core import Edit, Failure, FailureKind, Patch, Split, Trial, TrialSpec
from filial.proposers.grafts import graft
from filial.proposers.parts import Alternative, read_parts
from filial.proposers.sites import scan
from filial.sandboxes import best
from filial.study import Study

pytest.importorskip("torch")

KIT = Path(filial.__file__).parent / "kits" / "bytelm"
ALTERNATIVES = [
    alternative
    for path in sorted((KIT / "parts").glob("*.py"))
    for alternative in read_parts(path.name, path.read_text())
]
STACK = ("Rotary", "Hashed pairs and", "Orthogonal", "RMSNorm", "Squared ReLU", "A short warm-up")

pytestmark = [pytest.mark.torch, pytest.mark.timeout(600)]


def grafted(alternative: Alternative, code: str) -> str:
    """The code with the alternative in place, as the operators proposer would put it."""
    target, bin_ = scan(code), scan((KIT / "parts" / alternative.path).read_text())
    assert target is not None
    assert bin_ is not None
    replaced = target.definition(alternative.name)
    assert replaced is not None, f"{alternative.path} has no {alternative.name}"
    text = "\n".join((*alternative.comments, alternative.text))
    return graft(target, replaced, text, bin_, alternative.needs)


class Bench:
    """A study of the kit whose builds get fifteen CPU-seconds; three or four go to imports."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(KIT, folder / "study", ignore=shutil.ignore_patterns("__pycache__"))
        settings = folder / "study" / "study.toml"
        settings.write_text(settings.read_text().replace("cpu_s = 20", "cpu_s = 15"))
        self.study = Study(folder / "study")
        self.study.prepare_data()

    def trial(self, *alternatives: Alternative, **texts: str) -> Trial:
        """A trial of the initial code with some of it replaced."""
        files = {f"{name}.py": text for name, text in texts.items()}
        for a in alternatives:
            old = files.get(a.path) or (KIT / "code" / a.path).read_text()
            files[a.path] = grafted(a, old)
        edits = tuple(Edit(path=path, text=text) for path, text in files.items())
        parent = self.study.initial().id
        tree = self.study.workspace.apply(parent, Patch(edits=edits), self.study.rules)
        assert isinstance(tree, str)
        spec = TrialSpec(candidate=tree, split=Split.DEV, build_seed=1, exam_seed=2, label="dev/0")
        return self.study.examiner(best(), report=lambda _text: None)(spec)

    def failure(self, **texts: str) -> Failure:
        """Why a trial with these files fails."""
        failure = self.trial(**texts).failure
        assert failure is not None
        return failure


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bytelm"))


def test_the_initial_code_learns_and_reports_every_metric(bench: Bench) -> None:
    trial = bench.trial()
    assert trial.failure is None
    names = {m.metric for m in trial.measurements}
    assert names == {"bits_per_byte", "packages", "cpp", "prose", "peak_memory", "artifact"}
    assert 2.0 < trial["bits_per_byte"].value < 5.5  # bytes of Python at random cost 8
    assert len(trial["bits_per_byte"].items) == 288
    assert 0.5 < trial["artifact"].value < 4.0


def test_a_model_that_sees_the_next_byte_is_invalid(bench: Bench) -> None:
    model = (KIT / "code" / "model.py").read_text().replace("is_causal=True", "is_causal=False")
    failure = bench.failure(model=model)
    assert failure.kind is FailureKind.INVALID
    assert "not causal" in failure.detail


def test_a_build_that_overstays_is_stopped(bench: Bench) -> None:
    train = (KIT / "code" / "train.py").read_text().replace("RESERVE_S = 2.0", "RESERVE_S = -9.0")
    assert bench.failure(train=train).kind is FailureKind.CPU


@pytest.mark.slow
@pytest.mark.parametrize("alternative", ALTERNATIVES, ids=lambda a: a.hypothesis)
def test_every_alternative_trains_and_passes_the_exam(
    bench: Bench, alternative: Alternative
) -> None:
    trial = bench.trial(alternative)
    assert trial.failure is None
    assert trial["bits_per_byte"].value < 8.0


@pytest.mark.slow
def test_the_good_ones_go_together(bench: Bench) -> None:
    chosen = [a for word in STACK for a in ALTERNATIVES if a.hypothesis.startswith(word)]
    assert len(chosen) == len(STACK)
    trial = bench.trial(*chosen)
    assert trial.failure is None
    assert trial["bits_per_byte"].value < bench.trial()["bits_per_byte"].value
