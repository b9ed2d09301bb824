"""Where LibCST nodes stand in the bytes of their file."""

from typing import Any

import libcst as cst

from filial.proposers.sites import Span


class Spans:
    """Byte spans of nodes."""

    def __init__(self, spans: Any, data: bytes) -> None:
        self._spans, self.data = spans, data

    def of(self, node: cst.CSTNode) -> Span:
        """Returns a node's span; a definition's starts at its first decorator."""
        span = self._spans[node]
        start = span.start
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.decorators:
            start = self._spans[node.decorators[0]].start
        return Span(start, span.start + span.length)

    def lines_of(self, node: cst.CSTNode) -> Span:
        """Returns the whole lines on which a node stands, with the last line's end."""
        span = self.of(node)
        start = self.data.rfind(b"\n", 0, span.start) + 1
        end = self.data.find(b"\n", span.end)
        return Span(start, len(self.data) if end < 0 else end + 1)


def is_string(node: cst.CSTNode) -> bool:
    """Whether a statement is a string on its own: a docstring, if it comes first."""
    if not isinstance(node, cst.SimpleStatementLine) or not isinstance(node.body[0], cst.Expr):
        return False
    return isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString))


def is_import(node: cst.CSTNode) -> bool:
    """Whether a statement is one import alone on its line."""
    return (
        isinstance(node, cst.SimpleStatementLine)
        and len(node.body) == 1
        and isinstance(node.body[0], (cst.Import, cst.ImportFrom))
    )
