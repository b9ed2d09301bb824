"""The parts of an engine, made as a study's settings ask for."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from filial.ahead import Ahead
from filial.archives import IncumbentArchive, Islands
from filial.archives.base import Archive
from filial.authors import SLOW
from filial.briefing import Briefing
from filial.calibration import Calibration
from filial.core import Candidate, Judged, Noise, Seeds, StudyOpened
from filial.drafting import Drafting
from filial.engine import Engine
from filial.errors import ConfigError
from filial.executors import Executor
from filial.gates.base import Case, Gate
from filial.journal import Journal
from filial.lineage import Lineage
from filial.oversight import Approver, Ask, Envelope, Suggest
from filial.proposers import Canary, Control, Operators, Placebo, Proposer, Replay
from filial.reckoning import Reckoning
from filial.retries import Retries
from filial.schedule import Schedule
from filial.screening import Screening
from filial.study import Study
from filial.workspace import Workspace, patch_from_diff


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a story begins.

    Attributes:
        opened: What the study rests on.
        initial: The initial code.
        workers: Trials that run side by side.
        authors: Proposers that ask a language model, by name.
    """

    opened: StudyOpened
    initial: Candidate
    workers: int
    authors: Mapping[str, Proposer]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who has a say in a story.

    Attributes:
        approver: Says whether a promotion takes effect.
        check: Called between steps; raises ``Stopped`` when somebody asked for it.
    """

    approver: Approver
    check: Callable[[], None]


def engine(
    study: Study,
    gate: Gate,
    journal: Journal,
    executor: Executor,
    ground: Ground,
    people: People,
) -> Engine:
    """Returns what tells a study's story.

    Raises:
        ConfigError: The file of replay is missing.
    """
    return Engine(
        opened=ground.opened,
        initial=ground.initial,
        blank=Case(
            challenger="",
            incumbent="",
            judged=study.settings.exam.judged,
            primary=study.primary,
            guards=study.guards,
            noise=Noise(sigma=0.0, n_values=0),
            alpha=0.0,
        ),
        budget=study.settings.budget.ceilings(),
        batch=study.settings.run.batch,
        calibration=calibration(study, gate, ground.workers),
        schedule=Schedule(study.seeds, study.settings.exam.judged),
        journal=journal,
        drafting=drafting(study, ground.authors, people.check),
        executor=executor,
        gate=gate,
        screening=screening(study, journal, executor, gate),
        reckoning=reckoning(study, journal, executor, people.check),
        approver=people.approver,
        commit=lineage(study, journal).commit,
        check=people.check,
    )


def calibration(study: Study, gate: Gate, workers: int) -> Calibration:
    """Returns what measures how noisy a study is."""
    return Calibration(
        budget=study.settings.budget.ceilings(),
        side_by_side=max(workers, 1),
        judged=study.settings.exam.judged,
        primary=study.primary,
        gate=gate,
    )


def reckoning(
    study: Study, journal: Journal, executor: Executor, check: Callable[[], None]
) -> Reckoning:
    """Returns what compares claimed with realised gains."""
    settings = study.settings
    is_exact = settings.exam.judged is Judged.CONSTRUCTION
    return Reckoning(
        schedule=Schedule(study.seeds, settings.exam.judged),
        journal=journal,
        executor=executor,
        budget=settings.budget.ceilings(),
        primary=study.primary,
        every=0 if is_exact else settings.oversight.audit_every,
        n_seeds=settings.oversight.audit_seeds,
        n_sealed_items=study.exam_class.sealed_items,
        check=check,
    )


def screening(study: Study, journal: Journal, executor: Executor, gate: Gate) -> Screening:
    """Returns what has candidates run dev trials."""
    table = study.settings.screen
    return Screening(
        schedule=Schedule(study.seeds, study.settings.exam.judged),
        journal=journal,
        executor=executor,
        gate=gate,
        rungs=table.rungs,
        survivors=table.survivors,
    )


def drafting(study: Study, authors: Mapping[str, Proposer], check: Callable[[], None]) -> Drafting:
    """Returns what writes and screens proposals.

    Raises:
        ConfigError: The file of replay is missing.
    """
    settings = study.settings
    return Drafting(
        briefing=briefing(study, study.workspace),
        rules=study.rules,
        proposers={**_proposers(study), **authors},
        shares={name: table.share for name, table in settings.proposers.items()},
        archive=archive(study),
        workspace=study.workspace,
        seeds=proposal_seeds(study),
        retries=None if "replay" in settings.proposers else Retries(study.workspace, study.rules),
        ahead=Ahead(SLOW, settings.run.batch, check),
    )


def proposal_seeds(study: Study) -> Seeds:
    """Returns the source of the proposals' seeds, which is no secret."""
    return Seeds(hashlib.sha256(f"proposals {study.settings.study.seed}".encode()).digest())


def briefing(study: Study, workspace: Workspace) -> Briefing:
    """Returns what writes briefs of the trees in ``workspace``."""
    return Briefing(
        goal=study.settings.study.goal,
        metric=study.primary,
        guards=study.guards,
        budget=study.settings.budget.ceilings(),
        rules=study.rules,
        parts=study.parts,
        workspace=workspace,
    )


def _proposers(study: Study) -> Mapping[str, Proposer]:
    made: dict[str, Proposer] = {}
    for name, table in study.settings.proposers.items():
        match name:
            case "operators":
                made[name] = Operators()
            case "placebo":
                made[name] = Placebo()
            case "canary":
                made[name] = Canary()
            case "control":
                made[name] = Control(Operators())
            case "replay":
                path = study.paths.folder / str(table.file)
                if not path.is_file():
                    raise ConfigError(f"proposers.replay.file: there is no file {path}")
                made[name] = Replay.from_file(path, apply_diff=patch_from_diff)
    return made


def archive(study: Study) -> Archive:
    """Returns what chooses parents."""
    table = study.settings.archive
    if table.kind == "incumbent":
        return IncumbentArchive()
    return Islands(table.islands, table.restart_every, study.primary)


def approver(
    study: Study, journal: Journal, question: Callable[[str], str], person: str
) -> Approver:
    """Returns who approves promotions.

    Args:
        study: The study.
        journal: Knows how many generations there are.
        question: Puts a question to a person.
        person: Who that is.
    """
    table = study.settings.oversight
    match table.autonomy:
        case "suggest":
            return Suggest()
        case "ask":
            return Ask(question, person)
        case "envelope" | "free-within-budget":
            limit = table.generations if table.autonomy == "envelope" else None
            return Envelope(lambda: len(journal.history.generations) - 1, limit)


def lineage(study: Study, journal: Journal) -> Lineage:
    """Returns where generations are committed."""
    return Lineage(
        workspace=study.workspace,
        history=lambda: journal.history,
        unit=study.primary.unit,
        clock=time.time,  # noqa: TID251 - commits carry real dates
    )
