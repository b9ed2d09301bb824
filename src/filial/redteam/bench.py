"""One specimen's way through a whole study: proposal, screens, build, exam, gate, ledger."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filial.config import Settings
from filial.core import Decision, History
from filial.errors import FilialError
from filial.redteam.host import Host, host
from filial.redteam.recorder import Recorder
from filial.redteam.specimen import STUDIES, Specimen
from filial.running import Surroundings, run
from filial.sandboxes import Outcome, Sandbox, remove_tree
from filial.study import Study

ESCAPED = b"ESCAPED"
"""What a specimen prints when it got hold of something; the rest of the line says of what."""

_REPLAYED = "proposals.jsonl"
_PLAIN = "sums"
"""The study whose code and exam those get that are no more than other settings."""
_LEDGER = ".filial/ledger"
_OURS = frozenset(
    {
        ".filial/blobs",
        ".filial/lock",
        ".filial/scratch",
        ".filial/stop",
        "lineage.git/objects",
        "lineage.git/packed-refs",
        "lineage.git/refs",
    }
)
_STATE = (".filial", "lineage.git", "__pycache__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of a specimen.

    Attributes:
        specimen: The specimen.
        level: Isolation level it ran under.
        outcome: Its verdict in lower case, or the kind of failure behind it.
        detail: The verdict's or the failure's own words.
        escapes: What it achieved that it must not.
        damage: What it did to the machine.
    """

    specimen: Specimen
    level: str
    outcome: str
    detail: str = ""
    escapes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def has_escaped(self) -> bool:
        """Whether an attack won anything."""
        return not self.specimen.is_twin and bool(self.escapes or self.damage)

    @property
    def is_over_block(self) -> bool:
        """Whether an honest twin was not promoted."""
        return self.specimen.is_twin and self.outcome != "promote"

    @property
    def is_lost(self) -> bool:
        """Whether anything went wrong that a user must know of."""
        return self.has_escaped or self.is_over_block or bool(self.damage)

    @property
    def is_unexpected(self) -> bool:
        """Whether it ended in another way than foreseen."""
        return bool(self.specimen.expected) and self.outcome not in self.specimen.expected


def try_out(specimen: Specimen, sandbox: Sandbox, own: Path | None = None) -> Ending:
    """Runs a study that is proposed ``specimen`` and nothing else, and says what became of it.

    Args:
        specimen: What to try.
        sandbox: Where it runs.
        own: A user's study to attack instead of the specimen's own; its folder is copied.
    """
    folder = Path(tempfile.mkdtemp(prefix="redteam-"))
    try:
        with host() as victim:
            return _try_out(specimen, sandbox, victim, _prepare(specimen, own, folder / "study"))
    finally:
        remove_tree(folder)


def _prepare(specimen: Specimen, own: Path | None, folder: Path) -> Study:
    source = own or STUDIES / specimen.study
    layers = [source] if own or (source / "code").is_dir() else [STUDIES / _PLAIN, source]
    for layer in layers:
        ignored = shutil.ignore_patterns(*_STATE)
        shutil.copytree(layer, folder, ignore=ignored, dirs_exist_ok=True)
    study = Study(folder, amend=_replaying)
    path = study.settings.exam.serve if own else specimen.path
    file = study.paths.code / path
    base = file.read_text(encoding="utf-8") if file.is_file() else ""
    lines = specimen.proposal(base, path)
    (folder / _REPLAYED).write_text(f"{lines}\n", encoding="utf-8", errors="surrogateescape")
    return study


def _replaying(settings: Settings) -> Settings:
    """The settings with one source of proposals: the file."""
    raw = settings.model_dump(mode="json", by_alias=True)
    raw["proposers"] = {"replay": {"file": _REPLAYED}}
    raw["archive"] = {}
    return Settings.model_validate(raw)


def _try_out(specimen: Specimen, sandbox: Sandbox, victim: Host, study: Study) -> Ending:
    paths = study.paths
    facts = {
        **victim.facts(),
        "study": str(paths.folder),
        "private": str(paths.private),
        "ledger": str(paths.state / "ledger.sqlite"),
        "study_secret": str(paths.secret),
        "memory": study.settings.exam.memory,
    }
    recorder = Recorder(sandbox, facts)
    # Both write files on first use: data, secret, repository.
    study.opened(policy="")
    study.initial()
    before = _trusted_files(study)
    around = Surroundings(workers=0, sandbox=recorder, audit=False)
    try:
        reason = run(study, around)
        outcome, detail = _ending(study.history(), specimen.expected)
        outcome = outcome or "none"
        detail = detail or reason
    except FilialError as error:
        outcome, detail = "error", str(error)
    escapes = [*_words(recorder.outcomes, victim.token)]
    if outcome == "promote" and not specimen.is_twin:
        escapes.append("it was promoted")
    if outcome in {"error", "none"}:
        escapes.append(f"it ended the study: {detail}")
    if _trusted_files(study) != before:
        escapes.append("it changed the study's own files")
    with study.storage(read_only=True) as storage:
        storage.verify()
    return Ending(
        specimen=specimen,
        level=str(sandbox.level),
        outcome=outcome,
        detail=detail,
        escapes=tuple(dict.fromkeys(escapes)),
        damage=tuple(victim.damage()),
    )


def _ending(history: History, expected: Sequence[str]) -> tuple[str, str]:
    """The outcome of the study's proposals, and its reason: the worst, if they differ."""
    endings = list(_endings(history))
    promoted = [ending for ending in endings if ending[0] == "promote"]
    unexpected = [ending for ending in endings if ending[0] not in expected]
    return next(iter(promoted + unexpected + endings), ("", ""))


def _endings(history: History) -> Iterator[tuple[str, str]]:
    for standing in history.standings.values():
        if standing.candidate.index < 0 or standing.verdict is None:
            continue
        verdict = standing.verdict
        failures = [t.failure for t in standing.trials.values() if t.failure is not None]
        if verdict.decision is not Decision.PROMOTE and failures:
            yield str(failures[0].kind), failures[0].detail
        else:
            yield verdict.decision.lower(), verdict.reason
    for failure in (refused.failure for refused in history.refusals):
        if failure is not None:
            yield str(failure.kind), failure.detail


def _words(outcomes: Sequence[Outcome], token: str) -> Iterator[str]:
    """What specimens said that they got hold of."""
    for outcome in outcomes:
        for line in (outcome.stdout + b"\n" + outcome.stderr).splitlines():
            if line.startswith(ESCAPED):
                text = line[:200].decode(errors="replace")
                yield text.replace(token, "TOKEN").removeprefix("ESCAPED").strip(": ")


def _trusted_files(study: Study) -> dict[str, bytes]:
    """Everything in the study's folder that a run does not write itself, by path."""
    folder = study.paths.folder
    found: dict[str, bytes] = {}
    for place, folders, files in os.walk(folder):
        inner = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if (inner / name).as_posix() not in _OURS]
        for name in files:
            path = (inner / name).as_posix()
            if path not in _OURS and not path.startswith(_LEDGER):
                found[path] = b"" if (folder / path).is_symlink() else (folder / path).read_bytes()
    return found
