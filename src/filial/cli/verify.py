"""``filial verify``."""

import typer

from filial.cli.options import HERE, StudyDir


def verify(folder: StudyDir = HERE) -> None:
    """Re-check the ledger's chain, all blobs, the lineage and each decision.

    Every verdict is reached again from the trials on record. Names the first thing that is bad.
    """
    from filial.core import History
    from filial.retelling import retell
    from filial.study import Study
    from filial.workspace import check_lineage

    study = Study(folder)
    with study.storage(read_only=True) as storage:
        n_events = storage.verify()
        history = History.of(storage.events())
        study.check_metrics(history.metrics)
        audited = [side for audit in history.audits for side in (audit.before, audit.after)]
        if history.standings:  # else there is no lineage yet
            generations = [*history.generations, *audited]
            check_lineage(study.paths.lineage, generations, history.standings)
        changed = retell(study, storage)
    n_generations, n_verdicts = len(history.generations), len(history.verdicts)
    typer.echo(f"{n_events} events, all blobs and {n_generations} generations match")
    if changed:
        what = ", ".join(changed)
        typer.echo(f"decisions stand as they were judged and were not repeated: {what} changed")
    elif n_verdicts:
        typer.echo(f"{n_verdicts} verdicts follow from the trials on record")
