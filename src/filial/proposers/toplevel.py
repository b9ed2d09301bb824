"""LibCST syntax tree -> top-level definitions and imports (`sites.py`)."""

from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst.helpers import get_full_name_for_node

from filial.proposers.sites import Definition, Import, Span
from filial.proposers.spans import Spans, is_import, is_string


class TopLevel:
    """Collects top-level statements."""

    def __init__(self, spans: Spans, module: cst.Module) -> None:
        self._spans, self._data = spans, spans.data
        self.definitions: list[Definition] = []
        self.imports: list[Import] = []
        self.starts: list[int] = []
        self.import_point = len(self._data)
        is_prologue = True
        for i, statement in enumerate(module.body):
            comments = _comments(statement.leading_lines)
            if i == 0 and len(comments) == len(statement.leading_lines):
                comments = _comments(module.header) + comments
            span = self._spans.of(statement)
            self.starts.append(span.start)
            self._take(statement, span, comments)
            if is_prologue and (is_import(statement) or (i == 0 and is_string(statement))):
                self.import_point = self._spans.lines_of(statement).end
            elif is_prologue:
                self.import_point = self.import_point if i else self._lead(span.start, comments)
                is_prologue = False

    def _take(self, statement: cst.CSTNode, span: Span, comments: tuple[str, ...]) -> None:
        name = _defined(statement)
        if name:
            self.definitions.append(
                Definition(
                    name=name,
                    span=span,
                    text=self._data[span.start : span.end].decode(),
                    lead=self._lead(span.start, comments),
                    comments=comments,
                    line=self._data.count(b"\n", 0, span.start) + 1,
                    is_function=isinstance(statement, cst.FunctionDef),
                )
            )
        elif is_import(statement):
            self.imports.append(self._import(statement, span))

    def _lead(self, start: int, comments: tuple[str, ...]) -> int:
        for _ in comments:
            start = self._data.rfind(b"\n", 0, start - 1) + 1
        return start

    def _import(self, statement: Any, span: Span) -> Import:
        node = statement.body[0]
        aliases = () if isinstance(node.names, cst.ImportStar) else tuple(node.names)
        names = tuple(a.evaluated_alias or a.evaluated_name.partition(".")[0] for a in aliases)
        if isinstance(node, cst.Import):
            modules = tuple(a.evaluated_name for a in aliases)
        else:
            path = get_full_name_for_node(node.module) if node.module else ""
            modules = ("." * len(node.relative) + (path or ""),)
        return Import(
            span=self._spans.lines_of(statement),
            text=self._data[span.start : span.end].decode(),
            names=names,
            modules=modules,
        )


def _defined(node: cst.CSTNode) -> str:
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return str(node.name.value)
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return ""
    small = node.body[0]
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
    elif isinstance(small, cst.AnnAssign) and small.value is not None:
        target = small.target
    else:
        return ""
    return str(target.value) if isinstance(target, cst.Name) else ""


def _comments(lines: Sequence[cst.EmptyLine]) -> tuple[str, ...]:
    """Returns the unbroken run of comments at the end of ``lines``."""
    run: list[str] = []
    for line in reversed(lines):
        if line.comment is None:
            break
        run.insert(0, line.comment.value)
    return tuple(run)
