"""The exam audit as a study needs it: with its initial code, its sandbox and its budget."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filial.core import (
    ExamAudited,
    Failure,
    FailureKind,
    Finding,
    History,
    Judged,
    Metric,
    Severity,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialSpec,
)
from filial.errors import AuditError, CodeError, ConfigError, HostError
from filial.examiner import Examiner
from filial.exams import digest as exam_digest
from filial.exams.audit import N_SEEDS, Subject, check, check_pairs, worst_first
from filial.exams.audit.subject import note
from filial.exams.base import Exam, Item, Plain
from filial.executors.again import again
from filial.journal import Listener
from filial.label_search import search_labels
from filial.sandboxes.base import Sandbox
from filial.sandboxes.removal import remove_tree
from filial.storages.base import Storage
from filial.study import Study

if TYPE_CHECKING:
    import numpy as np

N_PAIRS = 20
BUDGET_SHARE = 0.10
"""Of a study's budget that the audit before its first trial may cost."""

N_SPLITS = 2
"""Sittings of the initial code besides those on dev."""

_ENOUGH_EQUAL_PAIRS = 2
_UNSCORED = {FailureKind.ILL_TYPED, FailureKind.INVALID, FailureKind.NON_FINITE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much an audit may cost.

    Attributes:
        n_pairs: A/A pairs to run.
        share: Of the study's budget that the pairs may use; None for no limit.
    """

    n_pairs: int = N_PAIRS
    share: float | None = None


def audit_before_first_trial(
    study: Study,
    storage: Storage,
    sandbox: Sandbox,
    listener: Listener,
    tick: Callable[[], None],
    tell: Callable[[str], None] = lambda _text: None,
) -> None:
    """Audits the exam of a study that has spent nothing yet, unless it passed as it is now.

    Args:
        study: The study; its data are prepared.
        storage: Its ledger, which gets the findings.
        sandbox: Where its candidates run.
        listener: Told about the new event.
        tick: Called often; raises ``Stopped`` when somebody asked for it.
        tell: Told what is going on if an audit is needed, which takes seconds; and then nothing.

    Raises:
        AuditError: There is an error among the findings.
        CodeError: The initial code cannot sit the exam.
        StudyError: The exam cannot draw its items.
    """
    audits: list[ExamAudited] = []
    for event in storage.events():
        if isinstance(event.body, StudyOpened):
            return
        if isinstance(event.body, ExamAudited):
            audits.append(event.body)
    exam = _digest(study) if audits else ""
    latest = [one for one in audits if one.exam == exam][-1:]
    if latest and not of(Severity.ERROR, latest[0].findings):
        return
    tell("auditing the exam before the first trial")
    found = audit(study, sandbox, Effort(share=BUDGET_SHARE), tick)
    tell("")
    record(found, storage, listener)
    errors = of(Severity.ERROR, found.findings)
    if errors:
        forget_data(study)
        first, n_more = errors[0], len(errors) - 1
        more = f" ({n_more} more errors)" if n_more else ""
        raise AuditError(
            f"the exam fails its audit ({first.check}): {first.message}; to mend it, {first.fix}; "
            f"all findings{more}: filial audit {study.paths.folder}"
        )


def of(severity: Severity, findings: Sequence[Finding]) -> list[Finding]:
    """Returns the findings of one severity."""
    return [finding for finding in findings if finding.severity is severity]


def record(found: ExamAudited, storage: Storage, listener: Listener) -> None:
    """Puts an audit on record."""
    event = storage.append(found)
    listener(event, History.of(storage.events()))


def forget_data(study: Study) -> None:
    """Removes prepared data that nothing rests on yet: the exam may be about to change."""
    shutil.rmtree(study.paths.state / "data", ignore_errors=True)


def audit(study: Study, sandbox: Sandbox, effort: Effort, tick: Callable[[], None]) -> ExamAudited:
    """Returns what is wrong with a study's exam, worst first.

    Runs the initial code, the reference if there is one, A/A pairs, and a search for labels
    inside the sandbox; all else is judged in this process. Nothing of it is a trial of the study.

    Args:
        study: The study; its data are prepared.
        sandbox: Where its candidates run.
        effort: How much that may cost.
        tick: Called often; raises ``Stopped`` when somebody asked for it.

    Raises:
        CodeError: The initial code cannot sit the exam.
        ConfigError: There is no file of the reference's name.
        StudyError: The exam cannot draw its items.
        SandboxError: The sandbox could not be set up.
        HostError: The machine failed.

    What this does not cover: see ``filial.exams.audit.check``; and labels in another coding than
    their own, such as compressed ones.
    """
    study.paths.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tmp", dir=study.paths.scratch))
    try:
        one = _Audit(study, sandbox, effort, tick, folder, study.initial().id)
        findings = list(one.findings())
    finally:
        remove_tree(folder)
    return ExamAudited(exam=_digest(study), findings=worst_first(findings))


def _digest(study: Study) -> str:
    """Returns the SHA-256 of all that an audit is about: a pass holds for nothing else."""
    about = (
        exam_digest(study.paths.folder),
        study.settings.digest(),
        str(study.settings.exam.reference),
        study.prepare_data(),
        study.initial().id,
    )
    return hashlib.sha256(" ".join(about).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Audit:
    study: Study
    sandbox: Sandbox
    effort: Effort
    tick: Callable[[], None]
    folder: Path
    initial: str  # tree of the initial code

    def findings(self) -> Iterator[Finding]:
        """Yields everything, in the order of cost."""
        yield from self._labels()
        initial: list[Plain] = []
        reference: list[Plain] = []
        first = None if self._is_too_dear() else self._sit_once(initial)
        if self.study.settings.exam.reference is None:
            yield note("reference", "there is none; one would show where the ceiling is")
        else:
            yield from self._reference(reference)
        yield from self._splits(first)
        self.tick()
        seeds = [self.study.seeds.of("audit", "items", k) for k in range(N_SEEDS)]
        yield from check(self._subject(initial or None, reference or None), seeds)
        self.tick()
        yield from self._pairs(first)

    def _labels(self) -> Iterator[Finding]:
        folder = self.folder / "views"
        folder.mkdir()
        return search_labels(self.study, self.sandbox, self._spec(0), folder, self.tick)

    def _subject(self, initial: list[Plain] | None, reference: list[Plain] | None) -> Subject:
        primary, is_metered = _yardstick(self.study)
        return Subject(
            exam_class=self.study.exam_class,
            private=self.study.paths.private,
            primary=primary,
            is_metered=is_metered,
            judged=self.study.settings.exam.judged,
            seed=self._spec(0).exam_seed,
            limit_s=self.study.settings.exam.wall,
            initial=initial,
            reference=reference,
        )

    def _spec(self, k: int, candidate: str = "") -> TrialSpec:
        """Returns trial ``k`` of the audit; all of them share one build."""
        return TrialSpec(
            candidate=candidate or self.initial,
            split=Split.DEV,
            build_seed=self.study.seeds.of("build", "audit"),
            exam_seed=self.study.seeds.of("exam", "audit", k),
            label=f"audit/{k}",
        )

    def _examiner(self) -> Examiner:
        """Returns an examiner that builds once, whatever verdicts are about."""
        examiner = self.study.examiner(self.sandbox, lambda _text: self.tick())
        exam = examiner.exam.model_copy(update={"judged": Judged.ARTIFACT})
        return replace(examiner, exam=exam, scratch=self.folder)

    def _run(self, examiner: Examiner, spec: TrialSpec) -> Trial:
        """Returns the trial of ``spec``; trouble of the machine is no trial."""
        trial = again(examiner, self.tick)(spec)
        failure: Failure | None = trial.failure
        if failure is not None and not failure.blames_candidate:
            raise HostError(f"the audit could not run a trial: {failure}")
        return trial

    def _is_too_dear(self) -> bool:
        """Whether the build alone would cost more than the audit may."""
        build, share = self.study.settings.build, self.effort.share
        if build is None or share is None:
            return False
        return self._used(Spend(cpu_s=build.cpu_s, wall_s=build.cpu_s)) > share

    def _used(self, spend: Spend) -> float:
        return self.study.settings.budget.ceilings().used(replace(spend, trials=1))

    def _sit_once(self, told: list[Plain]) -> Trial:
        """Has the initial code sit the exam; ``told`` gets its answers."""
        trial = self._run(_recording(self._examiner(), told), self._spec(0))
        if trial.failure is not None:
            raise CodeError(f"the initial code cannot sit the exam: {trial.failure}")
        return trial

    def _reference(self, told: list[Plain]) -> Iterator[Finding]:
        """Has the reference answer the same items, in a sandbox as a candidate would."""
        name = str(self.study.settings.exam.reference)
        path = self.study.paths.folder / name
        if not path.is_file():
            raise ConfigError(f"{self.study.paths.settings}: exam.reference: there is no {path}")
        code = self.folder / "reference"
        code.mkdir()
        shutil.copyfile(path, code / name)
        tree = self.study.workspace.import_tree(code, rules=self.study.rules)
        examiner = _recording(self._examiner(), told)
        exam = examiner.exam.model_copy(update={"serve": name})
        trial = self._run(replace(examiner, build=None, exam=exam), self._spec(0, tree))
        if trial.failure is not None:
            told.clear()
            yield Finding(
                check="reference",
                severity=Severity.ERROR,
                message=f"the reference cannot sit the exam: {trial.failure}",
                fix=f"mend {name}, or the exam if the reference is right",
            )

    def _splits(self, first: Trial | None) -> Iterator[Finding]:
        """Has the initial code sit the other splits once; what it scored is told to nobody."""
        for split in (Split.CONFIRM, Split.SEALED) if first is not None else ():
            self.tick()
            trial = self._run(self._examiner(), replace(self._spec(0), split=split))
            if trial.failure is not None:
                yield _failed_split(split, trial.failure)

    def _pairs(self, first: Trial | None) -> Iterator[Finding]:
        """Examines the initial code twice with each of some seeds."""
        examiner = self._examiner()
        values: list[tuple[float, float]] = []
        n_pairs = 0 if first is None else self.effort.n_pairs
        name = self.study.primary.name
        while first is not None and len(values) < n_pairs:
            k = len(values)
            one = first if k == 0 else self._run(examiner, self._spec(k))
            two = self._run(examiner, self._spec(k))
            for trial in (one, two):
                if trial.failure is not None:
                    yield _failed_pair(trial)
                    return
            values.append((one[name].value, two[name].value))
            if k == 0:
                n_pairs = min(n_pairs, self._affordable(first, two))
            if self._is_settled(values):
                break
            self.tick()
        yield from check_pairs(self.study.primary, values, is_metered=_yardstick(self.study)[1])

    def _affordable(self, first: Trial, second: Trial) -> int:
        """Returns how many pairs the audit may run, the first one included."""
        share = self.effort.share
        cost = self._used(second.spend)
        if share is None or not cost:
            return self.effort.n_pairs
        return 1 + max(0, int((share - self._used(first.spend) - cost) / (2 * cost)))

    def _is_settled(self, values: list[tuple[float, float]]) -> bool:
        """Whether an audit that should be cheap has seen enough: nothing varies."""
        if self.effort.share is None or len(values) < _ENOUGH_EQUAL_PAIRS:
            return False
        return all(one == two for one, two in values)


def _yardstick(study: Study) -> tuple[Metric, bool]:
    """Returns the metric that stands for merit, and whether merit itself is metered.

    Where the goal is metered, the exam's first guard must be kept within its tolerance.
    """
    reported = {metric.name for metric in study.exam_class.metrics}
    if study.primary.name in reported:
        return study.primary, False
    guards = [guard for guard in study.guards if guard.name in reported]
    metric = (guards or list(study.exam_class.metrics))[0]
    return replace(metric, smallest_effect=max(metric.smallest_effect, metric.tolerance)), True


def _recording(examiner: Examiner, told: list[Plain]) -> Examiner:
    """Returns the same examiner, whose exam tells ``told`` the answers of its latest trial."""
    exam_class = examiner.exam_class

    def items(self: Exam, split: str, rng: "np.random.Generator") -> Iterable[Item]:
        told.clear()
        return exam_class.items(self, split, rng)

    def score(self: Exam, item: Item, answer: Plain) -> float | Mapping[str, float]:
        told.append(answer)
        return exam_class.score(self, item, answer)

    recording = type(exam_class.__name__, (exam_class,), {"items": items, "score": score})
    return replace(examiner, exam_class=recording)


def _failed_split(split: Split, failure: Failure) -> Finding:
    """Returns an error if the exam is at fault: it was the same code that sat it on dev."""
    is_unscored = failure.kind in _UNSCORED
    return Finding(
        check="splits",
        severity=Severity.ERROR if is_unscored else Severity.WARNING,
        message=f"the initial code can sit it on dev, but failed on the {split} split: {failure}",
        fix=f"score answers to {split} items as those to dev items"
        if is_unscored
        else "give it more time or memory under [exam], or mend the code",
    )


def _failed_pair(trial: Trial) -> Finding:
    return Finding(
        check="A/A pairs",
        severity=Severity.WARNING,
        message=f"the initial code sat the exam once, but failed later: {trial.failure}",
        fix="give it more time or memory under [exam], or mend the code",
    )
