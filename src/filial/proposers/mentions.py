"""LibCST syntax tree -> local variables (`renames.py`). Imported only when first needed."""
# ruff: noqa: N802, ARG002 - LibCST fixes the names of visitor methods and of their arguments

from collections import defaultdict

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from filial.proposers.renames import Local
from filial.proposers.spans import Spans

INTROSPECTION = frozenset({"dir", "eval", "exec", "globals", "locals", "super", "vars"})


def find_locals(text: str) -> tuple[Local, ...]:
    """Returns what `renames.local_variables` says."""
    module = cst.parse_module(text)
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    spans = Spans(wrapper.resolve(ByteSpanPositionProvider), text.encode())
    found: list[Local] = []
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            mentions = _Mentions()
            statement.body.visit(mentions)
            for parameter in _parameters(statement):
                mentions.barred.add(parameter)
            found += [
                Local(
                    function=statement.name.value,
                    name=name,
                    spans=tuple(spans.of(node) for node in mentions.nodes[name]),
                )
                for name in mentions.renamable()
            ]
    return tuple(found)


class _Mentions(cst.CSTVisitor):
    """Collects the names in one function's body."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[str, list[cst.Name]] = defaultdict(list)
        self.barred: set[str] = set()
        self.is_opaque = False
        self._bound: dict[str, None] = {}
        self._depth = 0

    def renamable(self) -> list[str]:
        """Returns the names bound here and mentioned in plain ways only, in order."""
        if self.is_opaque or INTROSPECTION & self.nodes.keys():
            return []
        return [name for name in self._bound if name not in self.barred and name[:2] != "__"]

    def visit_Name(self, node: cst.Name) -> None:
        self.nodes[node.value].append(node)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        if isinstance(node.target, cst.Name) and not self._depth:
            self._bound[node.target.value] = None

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1
        self._bar(node.name)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._depth -= 1

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.is_opaque = True

    def visit_Match(self, node: cst.Match) -> None:
        self.is_opaque = True

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> None:
        self.is_opaque |= node.equal is not None

    def visit_Attribute(self, node: cst.Attribute) -> None:
        self._bar(node.attr)

    def visit_Arg(self, node: cst.Arg) -> None:
        self._bar(node.keyword)

    def visit_Param(self, node: cst.Param) -> None:
        self._bar(node.name)

    def visit_NameItem(self, node: cst.NameItem) -> None:
        self._bar(node.name)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        for part in node.evaluated_name.split("."):
            self.barred.add(part)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._bar(node.name)

    def _bar(self, node: cst.CSTNode | None) -> None:
        if isinstance(node, cst.Name):
            self.barred.add(node.value)


def _parameters(function: cst.FunctionDef) -> list[str]:
    params = function.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    every += [p for p in (params.star_arg, params.star_kwarg) if isinstance(p, cst.Param)]
    return [str(p.name.value) for p in every]
