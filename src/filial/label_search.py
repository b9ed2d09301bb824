"""The search for labels where candidates look: run in place of one, in its very sandboxes."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from filial.core import Finding, Severity, Split, TrialSpec
from filial.exams.audit.labels import (
    CHECK,
    CONTROL,
    SECRET,
    Source,
    facts,
    judge,
    of_files,
    of_keys,
    of_secret,
)
from filial.exams.audit.subject import note
from filial.exams.base import Item
from filial.exams.marking import draw
from filial.sandboxes.base import Command, EndedBy, Level, Limits, Outcome, Sandbox
from filial.sandboxes.run import execute
from filial.study import Study

_SCAN = Path(__file__).with_name("exams") / "audit" / "scan.py"
_SCAN_LIMITS = Limits(wall_s=300.0, cpu_s=120.0)
_ITEMS_A_SPLIT = 100


def search_labels(
    study: Study, sandbox: Sandbox, spec: TrialSpec, folder: Path, tick: Callable[[], None]
) -> Iterator[Finding]:
    """Yields what a candidate could read of keys, private data and the study's secret.

    Args:
        study: The study; its data are prepared.
        sandbox: Where its candidates run.
        spec: A trial of the initial code, whose sandboxes are searched.
        folder: Empty; for files.
        tick: Called often; raises ``Stopped`` when somebody asked for it.

    Raises:
        SandboxError: The sandbox could not be set up.
        ExamError: The exam cannot draw its items.

    What this does not cover: labels in another coding than their own, such as compressed ones;
    the system's and the interpreter's files, but for those that the exam masks.
    """
    if sandbox.level is Level.L0:
        yield note(CHECK, "not looked for: sandbox L0 hides nothing")
        return
    sources = list(_sources(study))
    if not any(source.name != SECRET for source in sources):
        yield note(CHECK, "the keys are too short or not plain, so they cannot be looked for")
    examiner = study.examiner(sandbox, lambda _text: None)
    for where, command in examiner.commands(spec, folder):
        tick()
        yield from _search(sandbox, where, command, [study.paths.folder, folder], sources)


def _sources(study: Study) -> Iterator[Source]:
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    limit_s = study.settings.exam.wall
    items: list[Item] = []
    for split in Split:
        seed = study.seeds.of("audit", "labels", split)
        drawn = draw(study.exam_class(study.paths.private), split, seed, limit_s)
        items += drawn[:: max(1, len(drawn) // _ITEMS_A_SPLIT)]
    keys = of_keys(items)
    if keys is not None:
        yield keys
    rng = np.random.default_rng(study.seeds.of("audit", "windows"))
    shown = {part for part in study.exam_class.masks(study.paths.private).values() if part}
    yield from of_files(study.paths.private, shown, rng)
    yield of_secret(study.paths.secret.read_bytes(), SECRET)


def _search(
    sandbox: Sandbox, where: str, command: Command, places: list[Path], sources: Sequence[Source]
) -> Iterator[Finding]:
    """Searches one sandbox, with a token planted among the code to show that it works."""
    study, folder = places
    token = secrets.token_bytes(32)
    wanted = [*sources, of_secret(token, CONTROL)]
    told = folder / f"{secrets.token_hex(8)}.json"
    told.write_text(json.dumps(facts(wanted, secrets.token_bytes(32), [study, *command.masks])))
    planted = command.code / f"{secrets.token_hex(8)}.bin"
    planted.write_bytes(token)
    search = replace(
        command,
        argv=("python", f"/in/{_SCAN.name}", f"/in/{told.name}"),
        inputs={**command.inputs, _SCAN.name: _SCAN, told.name: told},
        pipes=False,
        limits=_SCAN_LIMITS,
        warm=(),
    )
    outcome = execute(sandbox, search)
    planted.unlink()
    if outcome.ended_by is EndedBy.EXIT and outcome.rc == 0:
        yield from judge(where, wanted, json.loads(outcome.stdout))
    else:
        yield _cut_off(where, outcome)


def _cut_off(where: str, outcome: Outcome) -> Finding:
    words = outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
    is_slow = outcome.ended_by in (EndedBy.WALL, EndedBy.CPU)
    return Finding(
        check=CHECK,
        severity=Severity.WARNING if is_slow else Severity.ERROR,
        message=f"the search inside {where} ended by {outcome.ended_by}: {words}".rstrip(": "),
        fix="see what filial sandbox check says, and keep public data below a GiB",
    )
