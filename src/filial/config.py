"""``study.toml`` → frozen settings. An unknown key is an error naming the nearest known one."""

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from filial.core import Budget, Judged
from filial.errors import ConfigError

SurfaceName = Literal[
    "training", "loss", "optimizer", "architecture", "data", "exam", "policy", "program"
]
ProposerName = Literal["operators", "local", "api", "replay", "placebo", "control", "canary"]
_ONLY_FOR: dict[str, tuple[ProposerName, ...]] = {
    "file": ("replay",),
    "model": ("local", "api"),
    "samples": ("local", "api"),
    "base_url": ("api",),
}
Autonomy = Literal["suggest", "ask", "envelope", "free-within-budget"]

_MAX_FILE_BYTES = 16 << 10  # tomllib takes seconds for the worst that fits
_MOST = 10**9  # of anything that is counted
_SLACK_S = 30.0  # of wall-clock time in which a build may wait for the machine
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def _seconds(value: object) -> object:
    return _quantity(value, _SECONDS, "a duration such as '90s', '15m' or '8h'")


def _bytes(value: object) -> object:
    n_bytes = _quantity(value, _BYTES, "a size such as '512MiB' or '2GiB'")
    return n_bytes // 1 if isinstance(n_bytes, float) else n_bytes


def _quantity(value: object, units: dict[str, Any], form: str) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", value)
    if match is None or match[2] not in units:
        raise ValueError(f"{value!r} is not {form}")
    return float(match[1]) * units[match[2]]


Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=10 * 366 * 86400)]
Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0, le=1 << 50)]
Word = Annotated[str, Field(pattern=r"^[^\x00]+$")]
Module = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Rung = Annotated[float, Field(gt=0, lt=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StudyTable(_Table):
    """``[study]``: what it is called, what it is for, and the seed of its proposals."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    goal: str
    seed: int = Field(default=0, ge=0, lt=1 << 64)


class BuildTable(_Table):
    """``[build]``: how a candidate trains. Without it the study improves a plain program."""

    command: tuple[Word, ...] = Field(min_length=1)
    cpu_s: Seconds
    wall_s: Seconds | None = None
    memory: Bytes = 2 << 30
    disk: Bytes = 256 << 20

    @property
    def wall_limit_s(self) -> float:
        """Wall-clock limit; by default four times the CPU limit, for busy machines."""
        return self.wall_s if self.wall_s is not None else 4 * self.cpu_s + _SLACK_S

    def wall_limit_of(self, fraction: float) -> float:
        """Returns the wall-clock limit of a build that gets ``fraction`` of the CPU time, in s.

        The slack, or a limit that is shorter than it, is for the machine and stays whole.
        """
        slack_s = min(_SLACK_S, self.wall_limit_s)
        return slack_s + fraction * (self.wall_limit_s - slack_s)


class ExamTable(_Table):
    """``[exam]``: who examines, on what, and how long a candidate may take."""

    class_: str = Field(alias="class", pattern=r"^[\w./-]+\.py:\w+$")
    primary: str
    judged: Judged = Judged.RECIPE
    guards: tuple[str, ...] = ()
    shift: tuple[str, ...] = ()
    tolerances: dict[str, Annotated[float, Field(ge=0)]] = {}
    serve: Word = "answer.py"
    reference: Annotated[str, Field(pattern=r"^[\w-][\w.-]*\.py$")] | None = None
    answer: Seconds = 10.0
    cpu: Seconds = 60.0
    wall: Seconds = 300.0
    memory: Bytes = 2 << 30


class ProposerTable(_Table):
    """``[proposers] NAME = { … }``: its share of the writing, and what else its kind needs.

    ``file`` is replay's input. ``model`` names the model of ``local`` and ``api``, ``base_url``
    says where the latter answers, and ``samples`` is the number of answers drawn for one proposal,
    of which the first usable one is taken.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    file: str | None = None
    model: str | None = Field(default=None, min_length=1, max_length=200)
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=500)
    samples: int | None = Field(default=None, ge=1, le=64)


class ArchiveTable(_Table):
    """``[archive]``: which tree is edited next."""

    kind: Literal["incumbent", "islands"] = "incumbent"
    islands: int = Field(default=4, ge=1, le=64)
    restart_every: int = Field(default=50, ge=1, le=_MOST)


class GateTable(_Table):
    """``[gate]``: numbers of the promotion rule; the defaults are right for most studies."""

    fdr: Annotated[float, Field(gt=0, le=0.5)] = 0.10
    min_pairs: int = Field(default=3, ge=2, le=100)
    max_pairs: int = Field(default=16, ge=2, le=100)
    screen_sigmas: Annotated[float, Field(ge=0)] = 1.0


class ScreenTable(_Table):
    """``[screen]``: looks before the full dev trial, and who goes on though rejected.

    ``rungs`` are shares of the build's CPU time; ``survivors`` is a share of the rejected.
    """

    rungs: tuple[Rung, ...] = Field(default=(), max_length=3)
    survivors: Annotated[float, Field(ge=0, le=0.5)] = 0.05


class BudgetTable(_Table):
    """``[budget]``: ceilings on the whole study."""

    wall: Seconds | None = None
    cpu: Seconds | None = None
    trials: int | None = Field(default=None, ge=1, le=_MOST)
    candidates: int | None = Field(default=None, ge=1, le=_MOST)
    tokens: int | None = Field(default=None, ge=1, le=10**15)
    usd: Annotated[float, Field(gt=0, le=_MOST)] | None = None

    def ceilings(self) -> Budget:
        """Returns the same as a core value."""
        return Budget(
            wall_s=self.wall,
            cpu_s=self.cpu,
            trials=self.trials,
            candidates=self.candidates,
            tokens=self.tokens,
            usd=self.usd,
        )


class OversightTable(_Table):
    """``[oversight]``: who approves promotions, for how many generations, and what checks them.

    Every ``audit_every`` promotions the incumbent is compared with F0 on ``audit_seeds`` fresh
    seeds of the sealed split; 0 leaves that to ``filial compare``.
    """

    autonomy: Autonomy = "envelope"
    generations: int = Field(default=20, ge=1, le=_MOST)
    audit_every: int = Field(default=5, ge=0, le=_MOST)
    audit_seeds: int = Field(default=10, ge=2, le=100)


class SandboxTable(_Table):
    """``[sandbox]``: the least isolation under which candidates may run, and what starts faster.

    L1 is none; a run refuses it on Linux, where there is better. ``preload`` names modules that
    dev trials find imported; the trials behind a verdict start from nothing.
    """

    minimum: Literal["L1", "L2", "L3", "L4", "L5"] = "L3"
    preload: tuple[Module, ...] = ("numpy",)


class RunTable(_Table):
    """``[run]``: candidates judged side by side. Part of the study: workers do not change it."""

    batch: int = Field(default=4, ge=1, le=64)


class Settings(_Table):
    """A whole ``study.toml``."""

    study: StudyTable
    surfaces: dict[SurfaceName, tuple[str, ...]] = Field(min_length=1)
    build: BuildTable | None = None
    exam: ExamTable
    proposers: dict[ProposerName, ProposerTable] = Field(min_length=1)
    archive: ArchiveTable = ArchiveTable()
    gate: GateTable = GateTable()
    screen: ScreenTable = ScreenTable()
    budget: BudgetTable = BudgetTable()
    oversight: OversightTable = OversightTable()
    sandbox: SandboxTable = SandboxTable()
    run: RunTable = RunTable()

    def digest(self) -> str:
        """Returns SHA-256 of everything that bears on verdicts.

        That is all but budget, oversight and the reference, which only audits look at.
        """
        bearing = self.model_dump(
            mode="json",
            by_alias=True,
            exclude={"budget": True, "oversight": True, "exam": {"reference"}},
        )
        text = json.dumps(bearing, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Settings:
    """Reads and checks ``study.toml``.

    Raises:
        ConfigError: The file is missing, is no TOML, or a key or value in it is wrong.
    """
    try:
        raw = tomllib.loads(_text(path))
    except FileNotFoundError:
        raise ConfigError(
            f"{path.parent} is no study: it has no {path.name}; make one with: filial new KIT DIR"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError is one; so is what a number too long raises
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error)}") from None
    _check_together(settings, path)
    return settings


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES + 1)
    if len(data) > _MAX_FILE_BYTES:
        raise ConfigError(f"{path} is longer than {_MAX_FILE_BYTES >> 10} KiB")
    return data.decode()


def _check_together(settings: Settings, path: Path) -> None:
    """Rules that span tables."""
    checks = (_wrong_proposers, _wrong_judging, _wrong_screening)
    for problem in chain.from_iterable(check(settings) for check in checks):
        raise ConfigError(f"{path}: {problem}")


def _wrong_proposers(settings: Settings) -> Iterator[str]:
    tables = settings.proposers
    if not set(tables) - {"placebo", "control", "canary"}:
        yield "proposers: placebo, control and canary alone improve nothing"
    replay = tables.get("replay")
    if replay is not None and len(tables) > 1:
        yield "proposers: replay runs alone; remove the others"
    if replay is not None and replay.file is None:
        yield "proposers.replay: needs file = 'proposals.jsonl'"
    if "api" in tables and tables["api"].model is None:
        yield "proposers.api: needs model = 'PROVIDER:MODEL', for example 'openai:gpt-5'"
    for name, (key, kinds) in product(tables, _ONLY_FOR.items()):
        if name not in kinds and getattr(tables[name], key) is not None:
            yield f"proposers.{name}: {key} is for {' and '.join(kinds)} only"


def _wrong_judging(settings: Settings) -> Iterator[str]:
    for surface in ("exam", "policy"):
        if surface in settings.surfaces:
            yield f"surfaces.{surface}: improving it is not possible yet"
    if settings.exam.judged is Judged.CONSTRUCTION and "gate" in settings.model_fields_set:
        yield "gate: constructions are verified exactly; remove the table"
    if settings.gate.max_pairs < settings.gate.min_pairs:
        yield "gate: max_pairs is smaller than min_pairs"


def _wrong_screening(settings: Settings) -> Iterator[str]:
    rungs = settings.screen.rungs
    if rungs and settings.build is None:
        yield "screen.rungs: these are shares of a build's time, and without [build] there is none"
    if any(one >= other for one, other in pairwise(rungs)):
        yield f"screen.rungs: {list(rungs)} must rise from each to the next"


def _explain(error: ValidationError) -> str:
    """Returns the first problem as one line, with the nearest known key for an unknown one."""
    problems = error.errors()
    # A misspelt key is also a missing one: name the misspelling.
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    location = [str(part) for part in first["loc"] if part != "[key]"]
    where = ".".join(location)
    if first["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        return f"unknown key {where!r}{nearest(location[-1], known)}"
    if first["type"] == "literal_error" and "[key]" in first["loc"]:
        table = location[0]
        known = get_args(SurfaceName if table == "surfaces" else ProposerName)
        return f"unknown key {where!r}{nearest(location[-1], known)}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message[:1].lower()}{message[1:]}"


def _known_keys(tables: list[str]) -> tuple[str, ...]:
    model: type[BaseModel] = Settings
    for table in tables:
        if model is Settings and table == "proposers":
            model = ProposerTable
            break
        field = model.model_fields.get(table)
        options = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next(
            (t for t in options if isinstance(t, type) and issubclass(t, BaseModel)), model
        )
    return tuple(f.alias or name for name, f in model.model_fields.items())


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Returns ``"; did you mean 'x'?"``, or the list of what is known if nothing is near."""
    match = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if match:
        return f"; did you mean {match[0]!r}?"
    return f"; known: {', '.join(sorted(known))}"
