"""``filial verify``."""

import typer

from filial.cli.options import HERE, StudyDir


def verify(folder: StudyDir = HERE) -> None:
    """Re-check the ledger's chain, all blobs and the lineage. Names the first that is bad."""
    from filial.core import History
    from filial.study import Study
    from filial.workspace import check_lineage

    study = Study(folder)
    with study.storage(read_only=True) as storage:
        n_events = storage.verify()
        history = History.of(storage.events())
    audited = [side for audit in history.audits for side in (audit.before, audit.after)]
    if history.standings:  # else there is no lineage yet
        check_lineage(study.paths.lineage, [*history.generations, *audited], history.standings)
    n_generations = len(history.generations)
    typer.echo(f"{n_events} events, all blobs and {n_generations} generations match")
