"""One trial: build in sandbox A, examine in fresh sandboxes B, score here.

The candidate's exit codes, output and files carry no score. Everything that is counted — CPU, wall
clock, memory, bytes — is metered from outside.
"""

import select
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from filial.artifacts import Artifacts, inspect, lay_out
from filial.config import BuildTable, ExamTable
from filial.core import Failure, FailureKind, Judged, Measurement, Spend, Split, Trial, TrialSpec
from filial.errors import HostError
from filial.exams import SERVER, Line, sit
from filial.exams.base import Exam
from filial.oversight import Decoys, Watch, plant
from filial.sandboxes.base import Command, EndedBy, Level, Limits, Outcome, Process, Sandbox
from filial.sandboxes.removal import remove_tree
from filial.sandboxes.run import execute
from filial.workspace import Workspace

_MIB = 1 << 20
_LAST_BREATH_S = 0.25

PEAK_MEMORY = "peak_memory"
CPU_TIME = "cpu_time"
ARTIFACT = "artifact"
ARTIFACTS = "artifacts"

_KINDS = {
    EndedBy.WALL: FailureKind.WALL,
    EndedBy.CPU: FailureKind.CPU,
    EndedBy.MEMORY: FailureKind.MEMORY,
    EndedBy.PROCESSES: FailureKind.PROCESSES,
    EndedBy.OUTPUT: FailureKind.OUTPUT,
    EndedBy.DISK: FailureKind.DISK,
    EndedBy.SIGNAL: FailureKind.CRASH,
}


@dataclass(slots=True)
class _Bench:
    """What one trial works with: its folders, and what its sandboxes reported."""

    code: Path
    out: Path
    decoys: Decoys
    warm: tuple[str, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    n_builds: int = 0

    @property
    def spend(self) -> Spend:
        return Spend(
            wall_s=sum(o.wall_s for o in self.outcomes), cpu_s=sum(o.cpu_s for o in self.outcomes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Runs trials of one study.

    Attributes:
        build: How candidates train; None for plain programs.
        exam: How they are examined.
        exam_class: The study's exam.
        workspace: Where candidate trees are kept.
        sandbox: Where candidate code runs.
        public: Data that builds may read.
        private: Data that only the exam may read.
        scratch: Folder for the files of running trials.
        preload: Modules that the programs of dev trials find imported.
        report: Told in one line what a trial is doing now.
    """

    build: BuildTable | None
    exam: ExamTable
    exam_class: type[Exam]
    workspace: Workspace
    sandbox: Sandbox
    public: Path
    private: Path
    scratch: Path
    preload: tuple[str, ...] = ()
    report: Callable[[str], None] = lambda _text: None

    def __call__(self, spec: TrialSpec) -> Trial:
        """Returns the trial of ``spec``.

        Raises:
            ExamError: The exam itself failed.
            SandboxError: The sandbox could not be set up.
            HostError: The machine failed, e.g. the disk is full.
        """
        try:
            with self._folder() as folder:
                return self._run(spec, folder)
        except OSError as error:
            raise HostError(f"the machine failed during a trial: {error}") from error

    def commands(self, spec: TrialSpec, folder: Path) -> Iterator[tuple[str, Command]]:
        """Yields what a trial would run, with a name for it: what a candidate gets to see.

        Args:
            spec: The trial.
            folder: Empty; gets the files that are shown. What a build would leave is missing.
        """
        for name in ("build", "exam"):
            (folder / name).mkdir()
        if self.build is not None:
            bench = self._bench(spec, folder / "build", "build", [])
            bench.out.mkdir()
            yield "the build", self._build_command(self.build, spec, bench)
        bench = self._bench(spec, folder / "exam", "exam", [])
        bench.out.mkdir()
        yield "the exam", self._serve_command(bench)

    def _run(self, spec: TrialSpec, folder: Path) -> Trial:
        level = str(self.sandbox.level)
        outcomes: list[Outcome] = []
        result: tuple[Measurement, ...] | Failure | None
        with self._folder() as site:
            result = self._build(spec, site, folder / "out", outcomes)
            # Laid out after the build, so that no file is older in an exam that follows one, and
            # while the build's files exist, so that none of them has the same inode.
            bench = self._bench(spec, folder, "exam", outcomes)
        if result is None:
            with _watch(bench, self.sandbox.level) as watch:
                result = self._examine(spec, bench)
                result = _tripped(watch, bench) or result
        if isinstance(result, Failure):
            return Trial(spec=spec, level=level, failure=result, spend=bench.spend)
        measurements = (*result, *_metered(self.exam, bench))
        return Trial(spec=spec, level=level, measurements=measurements, spend=bench.spend)

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """Makes an empty folder of a random name, and removes it however that ends."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            yield folder
        finally:
            remove_tree(folder)

    def _bench(self, spec: TrialSpec, folder: Path, name: str, outcomes: list[Outcome]) -> _Bench:
        """Lays out the candidate's code, and decoys of their own for ``name``, in ``folder``."""
        decoys = plant(folder / "in", f"{name} {spec.build_seed} {spec.exam_seed}".encode())
        code = folder / "code"
        self.workspace.export(spec.candidate, code)
        return _Bench(
            code=code,
            out=folder / "out",
            decoys=decoys,
            # What decides starts from nothing: all that a zygote starts share its address space.
            warm=self.preload if spec.split is Split.DEV else (),
            outcomes=outcomes,
            n_builds=len(outcomes),
        )

    def _build(
        self, spec: TrialSpec, site: Path, out: Path, outcomes: list[Outcome]
    ) -> Failure | None:
        """Builds in ``site``, or takes the kept build, into ``out``; returns why not, or None."""
        if self.build is None:
            return None
        is_kept = self.exam.judged is not Judged.RECIPE and spec.fraction == 1 and not spec.afresh
        kept = Artifacts(self.scratch / ARTIFACTS) if is_kept else None
        if kept is not None and kept.take(spec.candidate, spec.build_seed, out):
            return None
        failure = self._build_in(site, self.build, spec, outcomes)
        if failure is not None:
            return failure
        if kept is None:
            lay_out(site / "out", out)
        else:
            kept.keep(spec.candidate, spec.build_seed, site / "out", staging=site / "kept")
            kept.take(spec.candidate, spec.build_seed, out)
        return None

    def _build_in(
        self, folder: Path, build: BuildTable, spec: TrialSpec, outcomes: list[Outcome]
    ) -> Failure | None:
        """Runs the build in a folder that no exam will see; returns why it came to nothing."""
        bench = self._bench(spec, folder, "build", outcomes)
        bench.out.mkdir()
        self.report(f"{spec.label} · build {spec.candidate[:8]}")
        with _watch(bench, self.sandbox.level) as watch:
            outcome = execute(self.sandbox, self._build_command(build, spec, bench))
            outcomes.append(outcome)
            tripped = _tripped(watch, bench)
        if tripped is not None:
            return tripped
        if outcome.ended_by is not EndedBy.EXIT or outcome.rc != 0:
            return _failure(outcome, "the build")
        return inspect(bench.out, build.disk)

    def _build_command(self, build: BuildTable, spec: TrialSpec, bench: _Bench) -> Command:
        cpu_s = spec.fraction * build.cpu_s
        limits = Limits(
            wall_s=build.wall_limit_of(spec.fraction),
            cpu_s=cpu_s,
            memory_bytes=build.memory,
            disk_bytes=build.disk,
        )
        hints = {"FILIAL_SEED": str(spec.build_seed), "FILIAL_CPU_S": str(cpu_s)}
        return Command(
            argv=build.command,
            code=bench.code,
            out=bench.out,
            data=self.public,
            masks=self.exam_class.masks(self.private),
            inputs=bench.decoys.files,
            environment={**bench.decoys.variables, **hints},
            limits=limits,
            warm=bench.warm,
        )

    def _examine(self, spec: TrialSpec, bench: _Bench) -> tuple[Measurement, ...] | Failure:
        """Serves the candidate's answers from fresh sandboxes and scores them here."""
        self.report(f"{spec.label} · exam {spec.candidate[:8]}")

        @contextmanager
        def connect(_sitting: int) -> Iterator[Line]:
            with self.sandbox.start(self._serve_command(bench)) as process:
                try:
                    yield process
                finally:
                    _let_end(process)
                    process.hang_up()
                    bench.outcomes.append(process.kill())

        exam = self.exam_class(self.private)
        result = sit(
            exam,
            spec.split,
            spec.exam_seed,
            connect,
            answer_s=self.exam.answer,
            exam_s=self.exam.wall,
        )
        if isinstance(result, Failure) and result.kind is FailureKind.NO_ANSWER:
            return _refine(result, bench.outcomes)
        return result

    def _serve_command(self, bench: _Bench) -> Command:
        limits = Limits(wall_s=self.exam.wall, cpu_s=self.exam.cpu, memory_bytes=self.exam.memory)
        return Command(
            argv=("python", f"/in/{SERVER.name}", self.exam.serve),
            inputs={**bench.decoys.files, SERVER.name: SERVER},
            environment=bench.decoys.variables,
            code=bench.code,
            out=bench.out if self.build is not None else None,
            out_is_readonly=True,
            masks=self.exam_class.masks(self.private),
            pipes=True,
            limits=limits,
            warm=bench.warm,
        )


def _metered(exam: ExamTable, bench: _Bench) -> Iterator[Measurement]:
    """Yields the measurements that are metered rather than examined, if they are wanted."""
    # The build counts only where every trial has one.
    first = 0 if exam.judged is Judged.RECIPE else bench.n_builds
    if CPU_TIME in (exam.primary, *exam.guards):
        used_s = sum(outcome.cpu_s for outcome in bench.outcomes[first:])
        yield Measurement(metric=CPU_TIME, value=used_s)
    if PEAK_MEMORY in exam.guards:
        peak = max(outcome.memory_peak_bytes for outcome in bench.outcomes[first:])
        yield Measurement(metric=PEAK_MEMORY, value=peak / _MIB)
    if ARTIFACT in exam.guards:
        size = sum(path.stat().st_size for path in bench.out.rglob("*") if path.is_file())
        yield Measurement(metric=ARTIFACT, value=size / _MIB)


def _watch(bench: _Bench, level: Level) -> Watch:
    """Returns what notices who opens a decoy, where only a candidate would.

    A kernel of its own has a file server on the host, which opens all files that it shows.
    """
    return Watch(replace(bench.decoys, files={}) if level is Level.L5 else bench.decoys)


def _tripped(watch: Watch, bench: _Bench) -> Failure | None:
    """Returns the failure of a candidate that touched a decoy, or None."""
    for name in watch.opened():
        return Failure(kind=FailureKind.TRIPWIRE, detail=f"it opened the decoy {name}")
    token = bench.decoys.token.encode()
    if any(token in outcome.stdout or token in outcome.stderr for outcome in bench.outcomes):
        return Failure(kind=FailureKind.TRIPWIRE, detail="it printed a decoy")
    return None


def _let_end(process: Process) -> None:
    """Gives a tree that has left its line a moment to be seen dead: its outcome says why it did.

    Without that moment it would be killed by us on its way out, and the reason be lost.
    """
    line = select.poll()
    line.register(process.answers, 0)  # the end of the stream is always reported
    until_s = time.monotonic() + _LAST_BREATH_S
    while line.poll(0) and time.monotonic() < until_s:
        process.poll(0)
        time.sleep(0.01)


def _refine(failure: Failure, outcomes: list[Outcome]) -> Failure:
    """Says why there was no answer, where the sandbox knows: out of memory, crashed."""
    if outcomes and outcomes[-1].ended_by is not EndedBy.KILLED:
        return _failure(outcomes[-1], "the exam")
    return Failure(kind=failure.kind, detail=failure.detail + _last_words(outcomes))


def _failure(outcome: Outcome, during: str) -> Failure:
    kind = _KINDS.get(outcome.ended_by, FailureKind.CRASH)
    ending = f"exit code {outcome.rc}" if outcome.ended_by is EndedBy.EXIT else outcome.ended_by
    if outcome.ended_by is EndedBy.EXIT and outcome.rc == 0:
        kind, ending = FailureKind.NO_ANSWER, "exit code 0 before answering"
    return Failure(kind=kind, detail=f"{during} ended by {ending}{_last_words([outcome])}")


def _last_words(outcomes: list[Outcome]) -> str:
    """Returns the last line on stderr as a quotation, or nothing."""
    lines = outcomes[-1].stderr.decode(errors="replace").split("\n") if outcomes else []
    return next((f": {line.strip()[:200]!r}" for line in reversed(lines) if line.strip()), "")
