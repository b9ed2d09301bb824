"""Prints the reference of the command line, made from the commands themselves.

``scripts/docs`` writes it to ``docs/cli.md``; a test checks that it is up to date.
"""

import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from filial.cli.app import app

_TITLE = """\
# Command line

Made from the commands by `scripts/docs`; do not edit it by hand.

Every command that takes DIR uses the current folder without it. Errors are one line on stderr that
begins with `filial: `. The exit code is 0, 1 after an error, 2 if the command line makes no sense,
and 128 plus the signal's number if a signal ended a run: 130 after Ctrl-C. `filial sandbox exec`
passes on the exit code of what it ran.
"""


def reference() -> str:
    """Returns the page, in Markdown."""
    root: Any = typer.main.get_command(app)  # of Typer's own click or of click, as installed
    return "\n".join([_TITLE, *_pages(root, "filial")])


def _pages(command: Any, path: str) -> Iterator[str]:
    for name, child in getattr(command, "commands", {}).items():
        full = f"{path} {name}"
        if getattr(child, "commands", None):
            yield from _pages(child, full)
        else:
            yield _page(child, full)


def _page(command: Any, path: str) -> str:
    lines = [f"## `{path}`", "", command.help.strip().replace("\b\n", ""), ""]
    words = [_word(p) for p in command.params if p.param_type_name == "argument"]
    lines += ["```text", " ".join([path, "[OPTIONS]", *words]), "```", ""]
    rows = [_row(p) for p in command.params if p.name != "help"]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    if command.epilog:
        lines += ["```text", command.epilog.replace("\b\n", "").strip(), "```", ""]
    return "\n".join(lines)


def _word(param: Any) -> str:
    return str(param.metavar) if param.required else f"[{param.metavar}]"


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"| `{param.metavar}` | {param.help} |"
    value = "" if param.is_flag else f" {param.metavar}"
    default = param.default
    shown = (
        ""
        if default in (None, "") or callable(default) or param.is_flag
        else f" Default: {default}."
    )
    return f"| `{', '.join(param.opts)}{value}` | {param.help}{shown} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
