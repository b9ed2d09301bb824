"""Edits that change nothing: what a study must never mistake for a gain."""

import ast
import sys
from collections.abc import Callable
from random import Random  # noqa: TID251 - seeded by the brief

from filial.core import Brief, Edit, Patch, Proposal
from filial.proposers.renames import local_variables
from filial.proposers.sites import (
    Definition,
    Import,
    Source,
    Span,
    editable_sources,
    is_python,
)

N_DRAWS = 20

NoOp = Callable[[Random, Source], tuple[str, str] | None]
"""Draws one no-op edit: (what it does, the file's new text), or None if the file has no place."""


class Placebo:
    """Edits one Python file on the surfaces so that the program does what it did before.

    What this does not cover: a program that looks at its own source, names, line numbers or module
    dictionary can tell the difference.
    """

    name = "placebo"

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns one no-op edit, or None if no file on the surfaces is readable Python."""
        rng = Random(brief.seed)  # noqa: S311 - not for cryptography
        sources = editable_sources(brief)
        if not sources:
            return None
        for _ in range(N_DRAWS):
            path = rng.choice(list(sources))
            done = rng.choice(NO_OPS)(rng, sources[path])
            if done is not None and done[1] != brief.files[path] and is_python(done[1]):
                what, text = done
                return Proposal(
                    hypothesis=f"placebo: {what} in {path}",
                    patch=Patch(edits=(Edit(path=path, text=text),)),
                )
        return None


def add_comment(rng: Random, source: Source) -> tuple[str, str]:
    """Adds a comment line above a top-level statement, or at the end of the file."""
    place = rng.choice([*source.starts, len(source.data)])
    return "a comment", _insert_line(source, place, f"# note {_token(rng)}")


def add_blank_lines(rng: Random, source: Source) -> tuple[str, str]:
    """Adds one to six blank lines above a top-level statement, or at the end of the file."""
    place = rng.choice([*source.starts, len(source.data)])
    return "blank lines", _insert_line(source, place, "\n" * rng.randrange(6))


def add_constant(rng: Random, source: Source) -> tuple[str, str]:
    """Adds an unused private constant at the end of the file."""
    line = f"_NOTE_{_token(rng).upper()} = {rng.randrange(1000)}"
    return "an unused constant", _insert_line(source, len(source.data), line)


def add_docstring(rng: Random, source: Source) -> tuple[str, str] | None:
    """Adds a docstring to a function that has none."""
    bare = [block for block in source.blocks if block.is_bare_body]
    if not bare:
        return None
    block = rng.choice(bare)
    start = block.statements[0].span.start
    first = source.lines_of(block.statements[0].span)
    indent = first[: len(first) - len(first.lstrip())]
    line = f'{indent}"""Note {_token(rng)}."""'
    return f"a docstring of {block.function}", _insert_line(source, start, line)


def swap_imports(rng: Random, source: Source) -> tuple[str, str] | None:
    """Swaps two adjacent imports of the standard library."""
    pairs = [
        (a, b)
        for a, b in zip(source.imports, source.imports[1:], strict=False)
        if a.span.end == b.span.start and _are_independent(a, b)
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    text = source.splice((a.span, source.lines_of(b.span)), (b.span, source.lines_of(a.span)))
    return "the order of two imports", text


def swap_functions(rng: Random, source: Source) -> tuple[str, str] | None:
    """Swaps two adjacent top-level functions whose definitions cannot affect each other."""
    pairs = [
        (a, b)
        for a, b in zip(source.definitions, source.definitions[1:], strict=False)
        if source.starts.index(b.span.start) == source.starts.index(a.span.start) + 1
        and a.name != b.name
        and _is_inert(a)
        and _is_inert(b)
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    whole_a, whole_b = Span(a.lead, a.span.end), Span(b.lead, b.span.end)
    text = source.splice((whole_a, source.text_of(whole_b)), (whole_b, source.text_of(whole_a)))
    return f"the order of {a.name} and {b.name}", text


def rename_local(rng: Random, source: Source) -> tuple[str, str] | None:
    """Renames a local variable of a top-level function."""
    text = source.data.decode()
    variables = local_variables(text)
    if not variables:
        return None
    local = rng.choice(variables)
    fresh = f"{local.name}_{_token(rng)}"
    if fresh in text:
        return None
    renamed = source.splice(*((span, fresh) for span in local.spans))
    return f"the name of {local.name} of {local.function}", renamed


NO_OPS: tuple[NoOp, ...] = (
    add_comment,
    add_blank_lines,
    add_constant,
    add_docstring,
    swap_imports,
    swap_functions,
    rename_local,
)


def _token(rng: Random) -> str:
    return f"{rng.getrandbits(24):06x}"


def _insert_line(source: Source, place: int, line: str) -> str:
    is_open = place > 0 and source.data[place - 1 : place] != b"\n"
    return source.splice((Span(place, place), f"\n{line}\n" if is_open else f"{line}\n"))


def _are_independent(a: Import, b: Import) -> bool:
    modules = [m.partition(".")[0] for m in (*a.modules, *b.modules)]
    is_standard = all(m in sys.stdlib_module_names and m != "__future__" for m in modules)
    is_named = bool(a.names) and bool(b.names)  # a star import may bind anything
    return is_standard and is_named and not set(a.names) & set(b.names)


def _is_inert(definition: Definition) -> bool:
    """Whether defining it evaluates nothing: no decorator, annotation or computed default."""
    if not definition.is_function:
        return False
    node = ast.parse(definition.text).body[0]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.decorator_list:
        return False
    defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    return all(isinstance(d, ast.Constant) for d in defaults) and not _is_annotated(node)


def _is_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return node.returns is not None or any(a.annotation is not None for a in every)
