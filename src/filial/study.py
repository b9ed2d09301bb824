"""A study's folder, and everything that is put together from it."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filial import __version__
from filial.artifacts import Artifacts
from filial.config import Settings, load
from filial.core import (
    Arm,
    Candidate,
    Decision,
    History,
    Metric,
    Seeds,
    StudyOpened,
)
from filial.errors import ConfigError, ExamError, FilialError, LedgerError
from filial.examiner import ARTIFACTS, Examiner
from filial.exams import digest as exam_digest
from filial.exams import load_exam
from filial.exams.base import Exam
from filial.exams.marking import quote
from filial.metrics import Metrics
from filial.sandboxes.base import Sandbox
from filial.sandboxes.removal import remove_tree
from filial.storages import SqliteStorage
from filial.storages.sqlite import LEDGER
from filial.workspace import Rules, Workspace

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things are in a study's folder.

    Attributes:
        folder: The study's folder.
    """

    folder: Path

    @property
    def settings(self) -> Path:
        """What the user configures."""
        return self.folder / "study.toml"

    @property
    def code(self) -> Path:
        """The initial code; candidates live in the lineage, this folder is never written to."""
        return self.folder / "code"

    @property
    def parts(self) -> Path:
        """The parts bin; may be missing."""
        return self.folder / "parts"

    @property
    def lineage(self) -> Path:
        """Bare git repository with every candidate tree and the generations' commits."""
        return self.folder / "lineage.git"

    @property
    def state(self) -> Path:
        """Ledger, blobs, secret, prepared data, scratch."""
        return self.folder / ".filial"

    @property
    def public(self) -> Path:
        """Prepared data that builds may read."""
        return self.state / "data" / "public"

    @property
    def private(self) -> Path:
        """Prepared data that only the exam may read."""
        return self.state / "data" / "private"

    @property
    def scratch(self) -> Path:
        """Files of running trials."""
        return self.state / "scratch"

    @property
    def secret(self) -> Path:
        """The study's secret, from which all seeds come."""
        return self.state / "secret"

    @property
    def stop(self) -> Path:
        """Its existence asks a running study to stop."""
        return self.state / "stop"


class Study:
    """One study, read from its folder.

    Args:
        folder: The study's folder.
        amend: Changes the settings that its file holds.

    Raises:
        StudyError: The settings, the exam or the initial code cannot be used.
    """

    def __init__(
        self, folder: Path, amend: Callable[[Settings], Settings] = lambda settings: settings
    ) -> None:
        self.paths = Paths(folder.resolve())
        self.settings: Settings = amend(load(self.paths.settings))
        self.exam_class: type[Exam] = load_exam(self.settings.exam.class_, self.paths.folder)
        self.metrics = Metrics(self.exam_class.metrics, self.settings.exam, self.paths.settings)

    @property
    def primary(self) -> Metric:
        """The metric to improve."""
        return self.metrics.primary

    @property
    def guards(self) -> tuple[Metric, ...]:
        """Metrics that must not get worse: the guards and the shift panel."""
        return self.metrics.guards

    @property
    def rules(self) -> Rules:
        """What candidates may edit."""
        return Rules(surfaces={str(k): v for k, v in self.settings.surfaces.items()})

    @cached_property
    def workspace(self) -> Workspace:
        """The study's repository."""
        return Workspace(self.paths.lineage)

    @cached_property
    def seeds(self) -> Seeds:
        """Source of all seeds; the secret behind it is made on first use.

        Raises:
            LedgerError: The secret is damaged.
        """
        return Seeds(_secret(self.paths.secret))

    @cached_property
    def parts(self) -> dict[str, str]:
        """The parts bin, by path relative to it."""
        return {
            path.relative_to(self.paths.parts).as_posix(): path.read_text(encoding="utf-8")
            for path in _python_files(self.paths.parts)
        }

    def initial(self) -> Candidate:
        """Returns the initial code as a candidate.

        Raises:
            CodeError: It holds something a tree cannot hold, such as a symlink.
            ConfigError: A surface matches none of its files.
        """
        tree = self.workspace.import_tree(self.paths.code, rules=self.rules)
        for name in self.workspace.unmatched(tree, self.rules):
            patterns = ", ".join(self.rules.surfaces[name])
            raise ConfigError(
                f"{self.paths.settings}: surfaces.{name}: no file in {self.paths.code} matches "
                f"{patterns}"
            )
        return Candidate(
            id=tree,
            index=-1,
            parent="",
            proposer="user",
            arm=Arm.TREATMENT,
            hypothesis="the initial code",
            n_tokens=self.workspace.n_tokens(tree, self.rules),
        )

    def prepare_data(self) -> str:
        """Has the exam write its data, once, and returns the digest of all of it.

        Raises:
            StudyError: The exam could not write it.
        """
        final = self.paths.state / "data"
        if not final.is_dir():
            staged = self.paths.state / "data.tmp"
            shutil.rmtree(staged, ignore_errors=True)
            for name in ("public", "private"):
                (staged / name).mkdir(parents=True)
            self._prepare(staged / "public", staged / "private")
            staged.rename(final)
        manifest = hashlib.sha256()
        for path in sorted(p for p in final.rglob("*") if p.is_file()):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            manifest.update(f"{path.relative_to(final).as_posix()} {content}\n".encode())
        return manifest.hexdigest()

    def _prepare(self, public: Path, private: Path) -> None:
        try:
            self.exam_class.prepare(public, private)
        except FilialError:
            raise
        except Exception as error:
            name = self.exam_class.__name__
            raise ExamError(f"{name}.prepare raised {quote(error)}") from error

    def clear_scratch(self) -> None:
        """Removes what killed trials left, and artifacts that are needed no more.

        Only the single writer may call it. Raises LedgerError if the ledger cannot be trusted.
        """
        for folder in self.paths.scratch.glob("tmp*"):
            with suppress(OSError):
                remove_tree(folder)
        _clear_artifacts(self)

    def opened(self, policy: str) -> StudyOpened:
        """Returns what this study rests on, as its files are now.

        ``config`` covers all that proposals come from: the settings, the parts bin and the file
        that is replayed.

        Raises:
            StudyError: One of the files is missing, or the exam could not write its data.
            LedgerError: The secret is damaged.
        """
        return self.opened_with(self.prepare_data(), policy)

    def opened_with(self, data: str, policy: str) -> StudyOpened:
        """Like ``opened``, where the digest of the data is known; writes nothing but a secret."""
        return StudyOpened(
            name=self.settings.study.name,
            goal=self.settings.study.goal,
            version=__version__,
            config=_config_digest(self.settings, self.paths),
            exam=exam_digest(self.paths.folder),
            data=data,
            secret=self.seeds.commitment,
            policy=policy,
        )

    def examiner(self, sandbox: Sandbox, report: Callable[[str], None]) -> Examiner:
        """Returns the examiner of this study's trials; ``report`` is told what it does."""
        self.paths.scratch.mkdir(exist_ok=True)
        return Examiner(
            build=self.settings.build,
            exam=self.settings.exam,
            exam_class=self.exam_class,
            workspace=self.workspace,
            sandbox=sandbox,
            public=self.paths.public,
            private=self.paths.private,
            scratch=self.paths.scratch,
            preload=self.settings.sandbox.preload,
            report=report,
        )

    @contextmanager
    def storage(self, *, read_only: bool = False) -> Iterator[SqliteStorage]:
        """Opens the ledger, and closes it at the end."""
        store = SqliteStorage(self.paths.state, clock=time.time, read_only=read_only)  # noqa: TID251 - the one clock
        try:
            yield store
        finally:
            store.close()

    def history(self) -> History:
        """Returns the study's state, from its ledger; empty if it never ran.

        Raises:
            TamperedLedger: An event does not follow from those before it.
            LedgerError: Its trials do not measure what the study's files say.
        """
        if not (self.paths.state / LEDGER).is_file():
            return History()
        with self.storage(read_only=True) as storage:
            history = History.of(storage.events())
        self.check_metrics(history.metrics)
        return history

    def check_metrics(self, measured: tuple[str, ...]) -> None:
        """Raises LedgerError if trials that measured this lack a metric that the study judges."""
        wanted = [metric.name for metric in (self.primary, *self.guards)]
        missing = [name for name in wanted if name not in measured]
        if measured and missing:
            raise LedgerError(
                f"{self.paths.folder}: no trial on record measures {', '.join(missing)}: the exam "
                "or study.toml was changed, or the ledger"
            )

    def generation_diffs(self, history: History) -> dict[int, str]:
        """Returns what changed from each generation to the next, by number, as unified diffs."""
        ids = [generation.candidate for generation in history.generations]
        return {
            number: self.workspace.diff(ids[number - 1], ids[number])
            for number in range(1, len(ids))
        }


def _clear_artifacts(study: Study) -> None:
    """Removes what nobody will examine again; audits may yet look at any generation."""
    folder = study.paths.scratch / ARTIFACTS
    if not folder.is_dir():
        return
    needed = {
        candidate
        for candidate, standing in study.history().standings.items()
        if standing.generation is not None
        or standing.verdict is None
        or (standing.verdict.decision is Decision.PROMOTE and standing.approval is None)
    }
    Artifacts(folder).clear(needed)


def _python_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.rglob("*.py") if path.is_file())
    except RecursionError:
        raise ConfigError(f"{folder} holds folders nested too deeply to be read") from None


def _config_digest(settings: Settings, paths: Paths) -> str:
    """Returns the SHA-256 of all that proposals and verdicts are configured with."""
    total = hashlib.sha256(settings.digest().encode())
    files = _python_files(paths.parts)
    replay = settings.proposers.get("replay")
    if replay is not None:
        files.append(paths.folder / str(replay.file))
        if not files[-1].is_file():
            raise ConfigError(
                f"{paths.settings}: proposers.replay.file: there is no file {files[-1]}"
            )
    for path in files:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{content}  {os.path.relpath(path, paths.folder)}\n".encode())
    return total.hexdigest()


def _secret(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        _make_secret(path)
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise LedgerError(
            f"{path} holds {len(secret)} bytes, not {_SECRET_BYTES}: restore it, or remove it if "
            "the study never ran"
        )
    return secret


def _make_secret(path: Path) -> None:
    """Makes the secret unless it exists; it is complete or absent, whenever the process dies."""
    descriptor, name = tempfile.mkstemp(prefix="secret.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_SECRET_BYTES))
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
