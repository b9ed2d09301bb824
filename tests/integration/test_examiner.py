"""One trial from build to measurement in a real sandbox, whatever the candidate does."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, cast

import pytest

from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Body,
    Candidate,
    Decision,
    Edit,
    Failure,
    FailureKind,
    Generation,
    Judged,
    Patch,
    Promoted,
    Proposed,
    Split,
    Trial,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.errors import HostError
from filial.examiner import Examiner
from filial.sandboxes import Command, EndedBy, Level, Outcome, Process, Sandbox, best
from filial.study import Study

pytestmark = pytest.mark.timeout(120)

SETTINGS = """\
[study]
name = "trivial"
goal = "Train a number"
[surfaces]
training = ["build.py"]
program = ["answer.py"]
[build]
command = ["python", "build.py"]
cpu_s = 1
wall_s = 20
memory = "128MiB"
disk = "4MiB"
[exam]
class = "exam.py:Numbers"
primary = "value"
guards = ["peak_memory", "artifact"]
answer = 10
cpu = 1
memory = "128MiB"
[proposers]
operators = {}
"""
EXAM = """\
import filial

class Numbers(filial.Exam):
    metrics = [filial.Metric("value")]

    @classmethod
    def prepare(cls, public, private):
        (public / "data.txt").write_text("public")
        (private / "data.txt").write_text("private")

    def items(self, split, rng):
        if (self.private / "data.txt").read_text() != "private":
            raise RuntimeError("no private data")
        for n in range(3):
            yield filial.Item({"n": n}, sitting=n // 2)

    def score(self, item, answer):
        if not isinstance(answer, int | float):
            raise filial.Invalid("not a number")
        if answer == 13:
            raise RuntimeError("unlucky")
        if answer == 14:
            return None
        return float(answer)
"""
BUILD = """\
import os
from pathlib import Path
assert Path(os.environ["FILIAL_DATA"], "data.txt").read_text() == "public"
assert os.environ["FILIAL_CPU_S"] == "1.0"
chance = int.from_bytes(os.urandom(6), "big")
Path(os.environ["FILIAL_OUT"], "model").write_text(os.environ["FILIAL_SEED"] + " " + str(chance))
"""
ANSWER = """\
import os
from pathlib import Path

def answer(question):
    seed, chance = Path(os.environ["FILIAL_OUT"], "model").read_text().split()
    return int(chance)
"""
OUT = 'import os, sys, time\nfrom pathlib import Path\nout = Path(os.environ["FILIAL_OUT"])\n'


@cache
def sandbox() -> Sandbox:
    return best()


class Bench:
    """A study in which a build draws a number at random and answers are that number."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self.folder = folder
        (folder / "code").mkdir(parents=True)
        (folder / "study.toml").write_text(settings)
        (folder / "exam.py").write_text(EXAM)
        (folder / "code" / "build.py").write_text(BUILD)
        (folder / "code" / "answer.py").write_text(ANSWER)
        self.study = Study(folder)
        self.study.prepare_data()
        self.told: list[str] = []

    @property
    def examiner(self) -> Examiner:
        return self.study.examiner(sandbox(), self.told.append)

    def spec(self, *, build_seed: int = 1, exam_seed: int = 2, **texts: str) -> TrialSpec:
        """The spec of a trial of the initial code with other texts in its files."""
        edits = tuple(Edit(path=f"{name}.py", text=text) for name, text in texts.items())
        workspace, parent = self.study.workspace, self.study.initial().id
        tree = workspace.apply(parent, Patch(edits=edits), self.study.rules)
        assert isinstance(tree, str)
        return TrialSpec(
            candidate=tree,
            split=Split.DEV,
            build_seed=build_seed,
            exam_seed=exam_seed,
            label="dev/0",
        )

    def trial(self, *, build_seed: int = 1, exam_seed: int = 2, **texts: str) -> Trial:
        return self.examiner(self.spec(build_seed=build_seed, exam_seed=exam_seed, **texts))

    def failure(self, **texts: str) -> Failure:
        """Why a trial with these files fails: the candidate's own doing."""
        trial = self.examiner(self.spec(**texts))  # type: ignore[arg-type]  # texts only
        assert trial.failure is not None
        assert trial.failure.blames_candidate
        assert trial.spend.wall_s > 0
        return trial.failure

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.study.paths.scratch.iterdir())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("examiner"))


@pytest.fixture
def bench(shared: Bench) -> Iterator[Bench]:
    """Every trial cleans up after itself, however it went."""
    yield shared
    assert shared.leftovers() == []


def test_a_trial_that_succeeds(bench: Bench) -> None:
    bench.told.clear()
    trial = bench.trial()
    assert trial.failure is None
    assert trial.level == sandbox().level
    assert [m.metric for m in trial.measurements] == ["value", "peak_memory", "artifact"]
    assert len(trial["value"].items) == 3
    assert len(set(trial["value"].items)) == 1  # one build, two sittings
    # A tree that is gone before the first reading of the meter has no known peak.
    assert 0 <= trial["peak_memory"].value < 128
    assert 0 < trial["artifact"].value < 0.001
    assert trial.spend.cpu_s > 0
    assert trial.spend.wall_s > 0
    name = trial.spec.candidate[:8]
    assert bench.told == [f"dev/0 · build {name}", f"dev/0 · exam {name}"]


def test_a_recipe_is_built_anew_each_time(bench: Bench) -> None:
    assert bench.trial()["value"].value != bench.trial()["value"].value


def test_the_build_is_given_its_seed(bench: Bench) -> None:
    answer = ANSWER.replace("int(chance)", "int(seed)")
    assert bench.trial(build_seed=123456, answer=answer)["value"].value == 123456


BUILDS = {
    "exits with 1": ("sys.exit(1)", FailureKind.CRASH, "the build ended by exit code 1"),
    "raises": ("raise ValueError('of my own')", FailureKind.CRASH, "of my own"),
    "does not parse": ("return", FailureKind.CRASH, "outside function"),
    "kills itself": ("os.kill(os.getpid(), 9)", FailureKind.CRASH, "the build ended by"),
    "leaves nothing": ("", FailureKind.ARTIFACT, "left no file"),
    "leaves a folder": ("(out / 'a').mkdir()", FailureKind.ARTIFACT, "left no file"),
    "leaves a symlink": (
        "(out / 'model').symlink_to('/etc/passwd')",
        FailureKind.ARTIFACT,
        "'model' is a link",
    ),
    "leaves a symlink to a folder": (
        "(out / 'model').write_text('1 1'); (out / 'a').symlink_to('/etc')",
        FailureKind.ARTIFACT,
        "'a' is a link",
    ),
    "leaves a dangling symlink": (
        "(out / 'a').mkdir(); (out / 'a' / 'b').symlink_to('nowhere')",
        FailureKind.ARTIFACT,
        "'b' is a link",
    ),
    "leaves a socket": (
        "import socket; socket.socket(socket.AF_UNIX).bind(str(out / 's'))",
        FailureKind.ARTIFACT,
        "'s' is a link or a device",
    ),
    "leaves sparse files": (
        "for i in range(3): os.truncate(os.open(out / str(i), os.O_CREAT | os.O_WRONLY), 3 << 20)",
        FailureKind.DISK,
        "the build ended by disk",
    ),
    "loops": ("while True: pass", FailureKind.CPU, "the build ended by cpu"),
    "prints without end": (
        "for _ in range(2048): sys.stdout.write('x' * (1 << 20))",
        FailureKind.OUTPUT,
        "the build ended by output",
    ),
    "takes too much memory": (
        "x = bytearray(b'x') * (1 << 30)\ntime.sleep(60)",
        FailureKind.MEMORY,
        "the build ended by memory",
    ),
    "writes too much": (
        "f = (out / 'model').open('wb')\nwhile True: f.write(b'x' * (1 << 20)); f.flush()",
        FailureKind.DISK,
        "the build ended by disk",
    ),
}


@pytest.mark.parametrize(("code", "kind", "detail"), BUILDS.values(), ids=BUILDS)
def test_a_build_that(bench: Bench, code: str, kind: FailureKind, detail: str) -> None:
    failure = bench.failure(build=f"{OUT}{code}\n")
    assert (failure.kind, detail in failure.detail) == (kind, True), failure


IN_ANSWER = "import os, sys, time\ndef answer(question):\n    "
ANSWERS = {
    "raises": ("raise ValueError('of my own')", FailureKind.CRASH, "ValueError: of my own"),
    "exits silently": ("os._exit(0)", FailureKind.NO_ANSWER, "exit code 0 before answering"),
    "exits with 3": ("os._exit(3)", FailureKind.CRASH, "the exam ended by exit code 3"),
    "kills itself": ("os.kill(os.getpid(), 9)", FailureKind.CRASH, "the exam ended by"),
    "answers with an object": ("return object()", FailureKind.ILL_TYPED, "neither a JSON value"),
    "answers with NaN": ("return float('nan')", FailureKind.ILL_TYPED, "cannot be sent"),
    "answers with words": ("return 'seven'", FailureKind.INVALID, "not a number"),
    "answers with too much": ("return 10 ** 400", FailureKind.ILL_TYPED, "beyond any float"),
    "writes garbage": (
        "os.write(int(os.environ['FILIAL_OUT_FD']), b'\\0\\0\\0\\x05hello')",
        FailureKind.ILL_TYPED,
        "is no answer",
    ),
    "claims a frame without end": (
        "os.write(int(os.environ['FILIAL_OUT_FD']), b'\\xff' * 64); time.sleep(60)",
        FailureKind.OUTPUT,
        "is no answer",
    ),
    "loops": ("while True: pass", FailureKind.CPU, "the exam ended by cpu"),
    "prints without end": (
        "while True: sys.stdout.write('x' * (1 << 20))",
        FailureKind.OUTPUT,
        "the exam ended by output",
    ),
    "takes too much memory": (
        "x = bytearray(b'x') * (1 << 30); time.sleep(60)",
        FailureKind.MEMORY,
        "the exam ended by memory",
    ),
    "writes to its artifact": (
        "open(os.environ['FILIAL_OUT'] + '/model', 'w')",
        FailureKind.CRASH,
        "Read-only file system",
    ),
}


@pytest.mark.parametrize(("code", "kind", "detail"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that(bench: Bench, code: str, kind: FailureKind, detail: str) -> None:
    failure = bench.failure(answer=f"{IN_ANSWER}{code}\n")
    assert (failure.kind, detail in failure.detail) == (kind, True), failure


def test_no_answer_at_all(bench: Bench) -> None:
    failure = bench.failure(answer="def reply(question):\n    return 1\n")
    assert failure.kind is FailureKind.CRASH
    assert "AttributeError" in failure.detail


def test_an_answer_that_hangs(tmp_path: Path) -> None:
    bench = Bench(tmp_path, SETTINGS.replace("answer = 10", 'answer = "0.5s"'))
    failure = bench.failure(answer=f"{IN_ANSWER}time.sleep(60)\n")
    assert failure.kind is FailureKind.WALL
    assert failure.detail.startswith("no answer to item")
    assert bench.leftovers() == []


def test_a_build_that_sleeps(tmp_path: Path) -> None:
    bench = Bench(tmp_path, SETTINGS.replace("wall_s = 20", "wall_s = 0.5"))
    failure = bench.failure(build="import time\ntime.sleep(60)\n")
    assert (failure.kind, failure.detail) == (FailureKind.WALL, "the build ended by wall")
    assert bench.leftovers() == []


def test_an_answer_that_the_exam_stumbles_over(bench: Bench) -> None:
    failure = bench.failure(answer="def answer(question):\n    return 13\n")
    assert failure.kind is FailureKind.ILL_TYPED
    assert "Numbers.score raised RuntimeError: unlucky (exam.py:" in failure.detail


def test_an_answer_that_makes_no_score_fails_its_trial_only(bench: Bench) -> None:
    failure = bench.trial(answer="def answer(question):\n    return 14\n").failure
    assert failure is not None
    assert failure.kind is FailureKind.ILL_TYPED
    assert "Numbers.score returned None (a NoneType) for item" in failure.detail


@dataclass(frozen=True)
class Leaving:
    """A sandbox whose builds end well and leave what no real one lets them leave."""

    leave: Callable[[Path], None]
    level = Level.L3

    def start(self, command: Command) -> Process:
        assert command.out is not None
        self.leave(command.out)
        return cast("Process", self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def hang_up(self) -> None: ...

    def wait(self) -> Outcome:
        return Outcome(
            ended_by=EndedBy.EXIT,
            rc=0,
            wall_s=1.0,
            cpu_s=1.0,
            memory_peak_bytes=0,
            stdout=b"",
            stderr=b"",
        )


def leave_fifo(out: Path) -> None:
    (out / "model").write_text("1 1")
    os.mkfifo(out / "pipe")


def leave_unreadable_file(out: Path) -> None:
    (out / "model").write_text("1 1")
    (out / "model").chmod(0)


def leave_closed_folder(out: Path) -> None:
    (out / "model").write_text("1 1")
    (out / "a").mkdir()
    (out / "a" / "link").symlink_to("/etc/passwd")
    (out / "a").chmod(0o600)


def leave_too_much(out: Path) -> None:
    for i in range(5):
        (out / f"{i}").write_bytes(b"x" * (1 << 20))


def leave_closed_out(out: Path) -> None:
    (out / "model").write_text("1 1")
    out.chmod(0)


def leave_deep_folders(out: Path) -> None:
    """Deeper than Python recurses, and than a path may be long."""
    (out / "model").write_text("1 1")
    nest(out, "a", 3000)


def leave_long_paths(out: Path) -> None:
    (out / "model").write_text("1 1")
    nest(out, "a" * 250, 20)


def nest(folder: Path, name: str, n_levels: int) -> None:
    """Makes folders in folders without ever naming a long path."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(n_levels):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


STRANGE: dict[Callable[[Path], None], str] = {
    leave_fifo: "'pipe' is a link or a device; leave regular files only",
    leave_unreadable_file: "'model' may not be read",
    leave_closed_folder: "'a' may not be read",
    leave_too_much: "the build left 5 MiB; 4 are allowed",
    leave_closed_out: "'FILIAL_OUT' may not be read",
    leave_deep_folders: "folders in FILIAL_OUT are nested more than 32 levels deep",
    leave_long_paths: "a path in FILIAL_OUT is longer than 1024 bytes",
}


@pytest.mark.parametrize(
    ("leave", "detail"), STRANGE.items(), ids=lambda x: getattr(x, "__name__", "")
)
def test_a_strange_artifact(bench: Bench, leave: Callable[[Path], None], detail: str) -> None:
    trial = replace(bench.examiner, sandbox=Leaving(leave))(bench.spec())
    assert trial.failure == Failure(kind=FailureKind.ARTIFACT, detail=detail)


def test_an_artifact_at_the_limit_of_depth(bench: Bench) -> None:
    """What is accepted, the exam can read and the trial can clear away."""
    path = "out.joinpath(*'a' * 31)"
    build = f"{OUT}{path}.mkdir(parents=True)\n({path} / 'model').write_text('7')\n"
    answer = f"{OUT}def answer(question):\n    return int(({path} / 'model').read_text())\n"
    assert bench.trial(build=build, answer=answer)["value"].value == 7
    failure = bench.failure(build=build.replace("31", "32"))
    assert failure.kind is FailureKind.ARTIFACT


@pytest.mark.parametrize("leave", [leave_deep_folders, leave_closed_out])
def test_what_a_killed_trial_left_is_cleared(bench: Bench, leave: Callable[[Path], None]) -> None:
    bench.examiner  # noqa: B018 - makes the folders
    left = bench.study.paths.scratch / "tmpleft" / "out"
    left.mkdir(parents=True)
    leave(left)
    bench.study.clear_scratch()
    assert bench.leftovers() == []


def test_trouble_with_the_disk_is_the_hosts(bench: Bench, tmp_path: Path) -> None:
    examiner = replace(bench.examiner, scratch=tmp_path / "gone")
    with pytest.raises(HostError, match="the machine failed during a trial"):
        examiner(bench.spec())


ARTIFACTS = SETTINGS.replace("[exam]", '[exam]\njudged = "artifact"')


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, ARTIFACTS)
    yield bench
    assert bench.leftovers() == ["artifacts"]


def test_an_artifact_is_built_once(artifacts: Bench) -> None:
    """Its exams differ, the object on trial does not."""
    values = [artifacts.trial(exam_seed=seed)["value"].value for seed in range(3)]
    assert len(set(values)) == 1
    assert sum("build" in line for line in artifacts.told) == 1
    assert artifacts.trial(build_seed=9)["value"].value != values[0]
    assert Bench.trial(artifacts, build=BUILD + "#\n")["value"].value != values[0]


def test_an_artifacts_peak_memory_is_the_exams(artifacts: Bench) -> None:
    """The trial that happens to build it must not look worse than the ones that follow."""
    hungry = BUILD + "x = bytearray(b'x') * (80 << 20)\nimport time\ntime.sleep(0.3)\n"
    first, second = (artifacts.trial(build=hungry, exam_seed=k) for k in range(2))
    assert first["peak_memory"].value < 70
    assert second["peak_memory"].value < 70


def test_a_recipes_peak_memory_is_the_builds_too(bench: Bench) -> None:
    hungry = BUILD + "x = bytearray(b'x') * (80 << 20)\nimport time\ntime.sleep(0.3)\n"
    assert bench.trial(build=hungry)["peak_memory"].value > 80


def test_a_bad_build_is_not_kept(artifacts: Bench) -> None:
    for _ in range(2):
        assert artifacts.failure(build=OUT).kind is FailureKind.ARTIFACT
    assert sum("build" in line for line in artifacts.told) == 2
    assert list((artifacts.study.paths.scratch / "artifacts").iterdir()) == []


SNOOPING_BUILD = """\
import json, os
from pathlib import Path
out = Path(os.environ["FILIAL_OUT"])
(out / "b").mkdir(mode=0o700)
for name in ("z", "a", "b/c", "m"):
    (out / name).write_text(name)
    os.utime(out / name, (5, 5))
os.link(out / "a", out / "hard")
os.chmod(out / "m", 0o700)
told = {k: v for k, v in os.environ.items() if "KEY" in k}
(out / "notes").write_text(json.dumps(told))
"""
SNOOPING_ANSWER = """\
import json, os, time, zlib
from pathlib import Path
out = Path(os.environ["FILIAL_OUT"])

def seen(path):
    found = path.stat()
    facts = [path.name, found.st_mode, found.st_nlink, found.st_size, found.st_mtime_ns]
    return [*facts, found.st_atime_ns, time.time() - found.st_ctime < 60]

def answer(question):
    told = json.loads((out / "notes").read_text())
    told_again = [os.environ.get(k) == v for k, v in told.items()]
    listed = [path.name for path in out.iterdir()]
    facts = [seen(out), *map(seen, sorted(out.rglob("*"))), told_again, listed]
    return zlib.crc32(json.dumps(facts).encode())
"""


def test_an_artifact_cannot_tell_its_first_exam_from_later_ones(artifacts: Bench) -> None:
    """By no time, mode, link or order of names, and by no decoy; inode numbers are chance."""
    texts = {"build": SNOOPING_BUILD, "answer": SNOOPING_ANSWER}
    values = [artifacts.trial(exam_seed=seed, **texts)["value"].value for seed in range(3)]  # type: ignore[arg-type]  # texts only
    assert len(set(values)) == 1
    assert sum("build" in line for line in artifacts.told) == 1


def kept_files(bench: Bench) -> Path:
    (kept,) = (bench.study.paths.scratch / "artifacts").iterdir()
    return kept / "files"


def change_content(files: Path) -> Path:
    (files / "model").write_text("7 7")
    return files / "model"


def add_file(files: Path) -> Path:
    (files / "extra").write_text("")
    return files / "extra"


def remove_file(files: Path) -> Path:
    (files / "model").unlink()
    return files / "model"


def make_program(files: Path) -> Path:
    (files / "model").chmod(0o755)
    return files / "model"


def make_link(files: Path) -> Path:
    (files / "model").unlink()
    (files / "model").symlink_to("/etc/passwd")
    return files / "model"


def make_pipe(files: Path) -> Path:
    (files / "model").unlink()
    os.mkfifo(files / "model")
    return files / "model"


def spoil_manifest(files: Path) -> Path:
    files.with_name("manifest.json").write_text("[]")
    return files.with_name("manifest.json")


@pytest.mark.parametrize(
    "spoil",
    [change_content, add_file, remove_file, make_program, make_link, make_pipe, spoil_manifest],
)
def test_a_kept_artifact_that_was_changed_is_named(
    artifacts: Bench, spoil: Callable[[Path], Path]
) -> None:
    """A candidate that got at the file system must not mend its artifact afterwards."""
    artifacts.trial()
    wrong = spoil(kept_files(artifacts))
    with pytest.raises(HostError, match=f"{re.escape(str(wrong))} is not as the build left it"):
        artifacts.trial(exam_seed=9)


def test_artifacts_are_cleared_unless_they_may_be_examined_again(artifacts: Bench) -> None:
    kept = artifacts.study.paths.scratch / "artifacts"
    for name in ("f0", "rejected", "promoted", "awaited", "unjudged", "denied", "unheard"):
        (kept / f"{name}-{1:016x}" / "files").mkdir(parents=True)
    with artifacts.study.storage() as storage:
        for body in story_of_artifacts():
            storage.append(body)
        artifacts.study.clear_scratch()
    left = sorted(path.name.partition("-")[0] for path in kept.iterdir())
    assert left == ["awaited", "f0", "promoted", "unjudged"]


def story_of_artifacts() -> Iterator[Body]:
    names = ("f0", "rejected", "promoted", "awaited", "unjudged", "denied")
    for index, name in enumerate(names, start=-1):
        made = Candidate(
            id=name,
            index=index,
            parent="" if index < 0 else "f0",
            proposer="p",
            arm=Arm.TREATMENT,
            hypothesis="",
        )
        yield Proposed(
            index=index,
            proposer="p",
            arm=made.arm,
            parent=made.parent,
            hypothesis="",
            candidate=made,
        )
    for name in ("rejected", "promoted", "awaited", "denied"):
        verdict = Verdict(
            candidate=name,
            incumbent="f0",
            decision=Decision.REJECT if name == "rejected" else Decision.PROMOTE,
            judged=Judged.ARTIFACT,
            reason="",
            policy="",
        )
        yield VerdictReached(verdict=verdict, arm=Arm.TREATMENT)
    for name, granted in (("promoted", True), ("denied", False)):
        approval = Approval(granted=granted, by="ada", reason="")
        yield ApprovalGiven(candidate=name, approval=approval)
    for number, name in enumerate(("f0", "promoted")):
        generation = Generation(number=number, candidate=name, commit="")
        yield Promoted(generation=generation, hypothesis="")


def test_trials_of_one_artifact_may_begin_side_by_side(artifacts: Bench) -> None:
    """Whoever finishes first is kept; nobody stumbles over the other."""
    artifacts.examiner  # noqa: B018 - makes the folders
    specs = [artifacts.spec(exam_seed=k) for k in range(4)]
    run: Callable[[TrialSpec], Trial] = artifacts.examiner
    with ThreadPoolExecutor(4) as threads:
        trials = list(threads.map(run, specs))
    assert [trial.failure for trial in trials] == [None] * 4
    assert len(list((artifacts.study.paths.scratch / "artifacts").iterdir())) == 1
    assert len({trial["value"].value for trial in trials}) == 1


HINT = ANSWER.replace("int(chance)", "float(chance)")
TOLD = OUT + '(out / "model").write_text("0 " + os.environ["FILIAL_CPU_S"])\n'
TWO_SECONDS = TOLD + "while time.process_time() < 2: pass\n"
SLOW = SETTINGS.replace("cpu_s = 1\n", "cpu_s = 4\n")


@pytest.mark.parametrize("fraction", [1.0, 0.4])
def test_a_build_is_told_its_share_of_the_time(bench: Bench, fraction: float) -> None:
    spec = replace(bench.spec(build=TOLD, answer=HINT), fraction=fraction)
    assert bench.examiner(spec)["value"].value == pytest.approx(fraction)
    with TemporaryDirectory() as folder:
        commands = dict(bench.examiner.commands(spec, Path(folder)))
    build, exam = commands["the build"], commands["the exam"]
    assert build.limits.cpu_s == pytest.approx(fraction)
    assert (build.limits.wall_s, exam.limits.cpu_s) == (20, 1)  # the machine's slack, the exam's


def test_a_build_is_held_to_its_share_of_the_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path, SLOW)
    whole = bench.spec(build=TWO_SECONDS, answer=HINT)
    assert bench.examiner(whole).failure is None
    failure = bench.examiner(replace(whole, fraction=0.25)).failure
    assert failure is not None
    assert (failure.kind, failure.detail) == (FailureKind.CPU, "the build ended by cpu")


def test_a_short_build_is_neither_kept_nor_taken_from_what_is_kept(artifacts: Bench) -> None:
    whole = artifacts.spec(build=TOLD, answer=HINT)
    short = replace(whole, fraction=0.5)
    values = [artifacts.examiner(s)["value"].value for s in (short, whole, short, whole)]
    assert values == [0.5, 1.0, 0.5, 1.0]
    assert sum("build" in line for line in artifacts.told) == 3


def test_what_is_built_afresh_is_neither_kept_nor_taken_from_what_is_kept(
    artifacts: Bench,
) -> None:
    spec = artifacts.spec()
    afresh = replace(spec, afresh=True)
    specs = (afresh, spec, afresh, spec)
    first, kept, again, kept_still = (artifacts.examiner(s)["value"].value for s in specs)
    assert kept == kept_still
    assert len({first, kept, again}) == 3
    assert sum("build" in line for line in artifacts.told) == 3


def test_a_program_needs_no_build(tmp_path: Path) -> None:
    lines = SETTINGS[: SETTINGS.index("[build]")] + SETTINGS[SETTINGS.index("[exam]") :]
    bench = Bench(tmp_path, lines)
    trial = bench.trial(answer="def answer(question):\n    return question['n']\n")
    assert trial["value"].items == (0.0, 1.0, 2.0)
    assert trial["artifact"].value == 0.0
    assert bench.leftovers() == []
