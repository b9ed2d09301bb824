"""The exam audit as a study needs it: with its initial code, its sandbox and its budget."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from filial.core import (
    ExamAudited,
    Failure,
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
from filial.exams.audit import (
    N_SEATS,
    N_SEEDS,
    Heard,
    Subject,
    check,
    check_pairs,
    failed_split,
    recording,
    worst_first,
)
from filial.exams.audit.subject import note
from filial.exams.base import Plain
from filial.executors.again import again
from filial.journal import Listener
from filial.label_search import search_labels
from filial.sandboxes.base import Sandbox
from filial.sandboxes.removal import remove_tree
from filial.storages.base import Storage
from filial.study import Study

N_PAIRS = 20
MOST_TRIALS = 2 * N_PAIRS + 2 * (2 * N_SEATS - 1) + 1
"""A/A pairs; the two other splits, each sitting but the first beside one on dev; the reference."""

LEAST_TRIALS = 2
"""Sittings of the initial code that are always held, unless its build alone is too dear."""

BUDGET_SHARE = 0.10
"""Of a study's budget: beyond ``LEAST_TRIALS``, no audit before a first trial costs more."""

_ENOUGH_EQUAL_PAIRS = 2
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much an audit may cost.

    Attributes:
        n_pairs: A/A pairs to run.
        share: Of the study's budget that all trials may use; None for no limit.
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
    costs: list[float] = field(
        default_factory=list
    )  # of each trial so far, as share of the budget

    def findings(self) -> Iterator[Finding]:
        """Yields everything, in the order of cost."""
        yield from self._labels()
        initial, reference = Heard(), Heard()
        first = None if self._is_too_dear() else self._sit_once(initial)
        second = self._run(self._examiner(), self._spec(0)) if first is not None else None
        if self.study.settings.exam.reference is None:
            yield note("reference", "there is none; one would show where the ceiling is")
        else:
            yield from self._reference(reference)
        yield from self._splits(first)
        self.tick()
        seeds = [self.study.seeds.of("audit", "items", k) for k in range(N_SEEDS)]
        yield from check(self._subject(initial.answers or None, reference.answers or None), seeds)
        self.tick()
        if first is not None and second is not None:
            yield from self._pairs(first, second)
        else:
            yield from self._check_pairs([])

    def _labels(self) -> Iterator[Finding]:
        folder = self.folder / "views"
        folder.mkdir()
        return search_labels(self.study, self.sandbox, self._spec(0), folder, self.tick)

    def _subject(
        self, initial: Sequence[Plain] | None, reference: Sequence[Plain] | None
    ) -> Subject:
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
        self.tick()
        trial = again(examiner, self.tick)(spec)
        failure: Failure | None = trial.failure
        if failure is not None and not failure.blames_candidate:
            raise HostError(f"the audit could not run a trial: {failure}")
        self.costs.append(self._used(trial.spend))
        return trial

    def _fits(self, n: int) -> bool:
        """Whether ``n`` more sittings would cost no more than the audit may.

        Each is taken to be as dear as the dearest so far, but for the first, which had a build.
        """
        share = self.effort.share
        each = max(self.costs[1:], default=0.0)
        return share is None or sum(self.costs) + n * each <= share + _ROUNDING

    def _is_too_dear(self) -> bool:
        """Whether the build alone would cost more than the audit may."""
        build, share = self.study.settings.build, self.effort.share
        if build is None or share is None:
            return False
        return self._used(Spend(cpu_s=build.cpu_s, wall_s=build.cpu_s)) > share

    def _used(self, spend: Spend) -> float:
        return self.study.settings.budget.ceilings().used(replace(spend, trials=1))

    def _sit_once(self, heard: Heard) -> Trial:
        """Has the initial code sit the exam; ``heard`` gets its answers."""
        trial = self._run(_recording(self._examiner(), heard), self._spec(0))
        if trial.failure is not None:
            raise CodeError(f"the initial code cannot sit the exam: {trial.failure}")
        return trial

    def _reference(self, heard: Heard) -> Iterator[Finding]:
        """Has the reference answer the same items, in a sandbox as a candidate would."""
        name = str(self.study.settings.exam.reference)
        path = self.study.paths.folder / name
        if not path.is_file():
            raise ConfigError(f"{self.study.paths.settings}: exam.reference: there is no {path}")
        code = self.folder / "reference"
        code.mkdir()
        shutil.copyfile(path, code / name)
        tree = self.study.workspace.import_tree(code, rules=self.study.rules)
        examiner = _recording(self._examiner(), heard)
        exam = examiner.exam.model_copy(update={"serve": name})
        trial = self._run(replace(examiner, build=None, exam=exam), self._spec(0, tree))
        if trial.failure is not None:
            heard.answers.clear()
            yield Finding(
                check="reference",
                severity=Severity.ERROR,
                message=f"the reference cannot sit the exam: {trial.failure}",
                fix=f"mend {name}, or the exam if the reference is right",
            )

    def _splits(self, first: Trial | None) -> Iterator[Finding]:
        """Has the initial code sit the other splits; what it scored is told to nobody."""
        for split in (Split.CONFIRM, Split.SEALED) if first is not None else ():
            if not self._fits(1):
                text = f"nobody sat the {split} split, which would cost more than the audit may"
                yield note("splits", text)
                continue
            heard = Heard()
            failure = self._failure_on(split, 0, heard)
            if failure is None:
                continue
            is_odd = failure.is_unscored and not heard.blames_score(failure)
            is_rule = is_odd and self._is_never_scored(split)
            yield failed_split(split, failure, heard, is_rule=is_rule)

    def _failure_on(self, split: Split, k: int, heard: Heard) -> Failure | None:
        examiner = _recording(self._examiner(), heard)
        return self._run(examiner, replace(self._spec(k), split=split)).failure

    def _is_never_scored(self, split: Split) -> bool:
        """Whether no more seeds of ``split`` are scored, but all are on dev; False if too dear."""
        if not self._fits(2 * (N_SEATS - 1)):
            return False
        for k in range(1, N_SEATS):
            there = self._failure_on(split, k, Heard())
            if there is None or not there.is_unscored:
                return False
            if self._failure_on(Split.DEV, k, Heard()) is not None:
                return False
        return True

    def _pairs(self, first: Trial, second: Trial) -> Iterator[Finding]:
        """Examines the initial code twice with each of some seeds; the first pair is given."""
        values: list[tuple[float, float]] = []
        pair, name = [first, second], self.study.primary.name
        while len(values) < self.effort.n_pairs:
            for trial in pair:
                if trial.failure is not None:
                    yield _failed_pair(trial)
                    return
            values.append((pair[0][name].value, pair[1][name].value))
            if len(values) == self.effort.n_pairs or self._is_settled(values) or not self._fits(2):
                break
            pair = [self._run(self._examiner(), self._spec(len(values))) for _ in range(2)]
        yield from self._check_pairs(values)

    def _check_pairs(self, values: Sequence[tuple[float, float]]) -> Iterator[Finding]:
        return check_pairs(self.study.primary, values, is_metered=_yardstick(self.study)[1])

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


def _recording(examiner: Examiner, heard: Heard) -> Examiner:
    """Returns the same examiner, whose exam tells ``heard`` about its latest sitting."""
    return replace(examiner, exam_class=recording(examiner.exam_class, heard))


def _failed_pair(trial: Trial) -> Finding:
    return Finding(
        check="A/A pairs",
        severity=Severity.WARNING,
        message=f"the initial code sat the exam once, but failed later: {trial.failure}",
        fix="give it more time or memory under [exam], or mend the code",
    )
