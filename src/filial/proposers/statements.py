"""Inserts, removes, repeats or moves a statement inside a function."""

from collections.abc import Callable
from random import Random  # noqa: TID251 - the draw's generator, seeded by the brief

from filial.proposers.scopes import Scope
from filial.proposers.sites import Block, Change, Source, Span, Statement

LONGEST_QUOTATION = 60

Edits = tuple[tuple[Span, str], ...]


def change_statement(rng: Random, scope: Scope) -> Change | None:
    """Draws a block, then what to do with one of its statements."""
    ways = [
        (path, block, act)
        for path, source in scope.sources.items()
        for block in source.blocks
        for act in ACTS
    ]
    rng.shuffle(ways)
    for path, block, act in ways:
        source = scope.sources[path]
        done = act(rng, source, block)
        if done is not None:
            what, edits = done
            hypothesis = f"in {block.function} of {path}, {what}"
            return Change(path=path, text=source.splice(*edits), hypothesis=hypothesis)
    return None


def remove(rng: Random, source: Source, block: Block) -> tuple[str, Edits] | None:
    """Removes one statement, never the only one."""
    free = _free(block)
    if not free or len(block.statements) < 2:
        return None
    statement = rng.choice(free)
    return f"`{_quote(source, statement)}` is not needed", ((statement.span, ""),)


def repeat(rng: Random, source: Source, block: Block) -> tuple[str, Edits] | None:
    """Does one simple statement twice in a row."""
    simple = [s for s in block.statements if s.is_simple]
    if not simple:
        return None
    statement = rng.choice(simple)
    return f"`{_quote(source, statement)}` helps twice", (_copy(source, statement, statement),)


def insert(rng: Random, source: Source, block: Block) -> tuple[str, Edits] | None:
    """Does one simple statement again at another place of its block."""
    places = [
        (statement, after)
        for i, statement in enumerate(block.statements)
        for j, after in enumerate(block.statements)
        if statement.is_simple and not after.is_fixed and j not in (i - 1, i)
    ]
    if not places:
        return None
    statement, after = rng.choice(places)
    quotes = _quote(source, statement), _quote(source, after)
    return "`{}` again after `{}`".format(*quotes), (_copy(source, statement, after),)


def move(rng: Random, source: Source, block: Block) -> tuple[str, Edits] | None:
    """Swaps two neighbouring statements."""
    pairs = [
        (a, b)
        for a, b in zip(block.statements, block.statements[1:], strict=False)
        if not a.is_fixed and not b.is_fixed
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    edits = ((a.span, source.lines_of(b.span)), (b.span, source.lines_of(a.span)))
    return f"`{_quote(source, b)}` before `{_quote(source, a)}`", edits


Act = Callable[[Random, Source, Block], tuple[str, Edits] | None]
ACTS: tuple[Act, ...] = (remove, repeat, insert, move)


def _free(block: Block) -> list[Statement]:
    return [s for s in block.statements if not s.is_fixed]


def _copy(source: Source, statement: Statement, after: Statement) -> tuple[Span, str]:
    end = after.span.end
    text = source.lines_of(statement.span)
    is_open = source.data[end - 1 : end] != b"\n"  # the file's last line has no line end
    return Span(end, end), f"\n{text}" if is_open else text


def _quote(source: Source, statement: Statement) -> str:
    first = source.text_of(statement.span).strip().partition("\n")[0].rstrip()
    return first if len(first) <= LONGEST_QUOTATION else f"{first[:LONGEST_QUOTATION]}..."
