"""``filial verify``."""

import typer

from filial.cli.options import HERE, StudyDir


def verify(folder: StudyDir = HERE) -> None:
    """Re-check the ledger's chain and all blobs. Names the first bad event."""
    from filial.study import Study

    with Study(folder).storage(read_only=True) as storage:
        n_events = storage.verify()
    typer.echo(f"{n_events} events and all blobs match their digests")
