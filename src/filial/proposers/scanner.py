"""LibCST syntax tree -> places (`sites.py`). Imported only when a file is first read."""
# ruff: noqa: N802, ARG002 - LibCST fixes the names of visitor methods and of their arguments

from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from filial.proposers.sites import (
    Block,
    Choice,
    Definition,
    Import,
    Number,
    Source,
    Span,
    Statement,
)

LONGEST_LITERAL = 40  # longer ones are data, not quantities

# Positional integers of these calls are axes and sizes that other code relies on.
SHAPERS = frozenset(
    {
        "chunk",
        "expand",
        "flatten",
        "flip",
        "gather",
        "movedim",
        "permute",
        "repeat",
        "repeat_interleave",
        "reshape",
        "roll",
        "size",
        "split",
        "squeeze",
        "stack",
        "swapaxes",
        "tile",
        "transpose",
        "tril",
        "triu",
        "unflatten",
        "unsqueeze",
        "view",
    }
)
AXES = frozenset({"axis", "dim", "dims", "dim0", "dim1", "keepdim", "start_dim", "end_dim"})

BINARY = {"Add": ("-",), "Subtract": ("+",), "Multiply": ("/",), "Divide": ("*",)}
COMPARISON = {
    "LessThan": ("<=", ">"),
    "LessThanEqual": ("<", ">="),
    "GreaterThan": (">=", "<"),
    "GreaterThanEqual": (">", "<="),
    "Equal": ("!=",),
    "NotEqual": ("==",),
}
ACTIVATIONS = (
    ("relu", "gelu", "silu", "tanh", "elu", "softplus"),
    ("ReLU", "GELU", "SiLU", "Tanh", "ELU", "Softplus"),
)
PAIRS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("amin", "amax"),
    ("argmin", "argmax"),
    ("sin", "cos"),
    ("floor", "ceil"),
)
NUMERIC_MODULES = frozenset({"math", "cmath", "np", "numpy"})  # these have no activations
BUILTIN_PAIR = ("min", "max")


def read(text: str) -> Source | None:
    """Returns the places of ``text``, which compiles; None if LibCST cannot read it."""
    try:
        data = text.encode()
        module = cst.parse_module(text)
        spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        # LibCST counts a last line end even where there is none.
        if spans[module].length != len(data) + (not text.endswith("\n") and text != ""):
            return None  # a byte-order mark: spans would not fit the bytes
        if b"\r" in data.replace(b"\r\n", b""):
            return None  # lines that end in a bare carriage return
        scanner = _Scanner(spans, data)
        module.visit(scanner)
    except (cst.ParserSyntaxError, UnicodeEncodeError, RecursionError):
        return None
    top = _Top(scanner, module)
    return Source(
        data=data,
        numbers=tuple(scanner.numbers),
        choices=tuple(scanner.choices),
        blocks=tuple(scanner.blocks),
        definitions=tuple(top.definitions),
        imports=tuple(top.imports),
        starts=tuple(top.starts),
        import_point=top.import_point,
    )


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


class _Scanner(cst.CSTVisitor):
    """Collects what lies inside statements."""

    def __init__(self, spans: Any, data: bytes) -> None:
        super().__init__()
        self.spans = Spans(spans, data)
        self.data = data
        self.numbers: list[Number] = []
        self.choices: list[Choice] = []
        self.blocks: list[Block] = []
        self._scope: list[str] = []
        self._functions: list[cst.FunctionDef] = []
        self._slots: list[str] = [""]
        self._rigid = 0
        self._arguments: dict[cst.Arg, tuple[str, bool]] = {}
        self._settings: set[cst.CSTNode] = set()

    # Scopes.

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._functions.append(node)
        self._scope.append(node.name.value)
        self._slots.append("")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._functions.pop()
        self._scope.pop()
        self._slots.pop()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._scope.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._scope.pop()

    # What a literal sets.

    def visit_Assign(self, node: cst.Assign) -> None:
        target = node.targets[0].target
        self._open_slot(
            target.value if isinstance(target, cst.Name) else "",
            node.value,
            is_setting=not self._functions,
        )

    def leave_Assign(self, original_node: cst.Assign) -> None:
        self._slots.pop()

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        target = node.target
        self._open_slot(
            target.value if isinstance(target, cst.Name) else "",
            node.value,
            is_setting=not self._functions,
        )

    def leave_AnnAssign(self, original_node: cst.AnnAssign) -> None:
        self._slots.pop()

    def visit_Param(self, node: cst.Param) -> None:
        self._open_slot(node.name.value, node.default)

    def leave_Param(self, original_node: cst.Param) -> None:
        self._slots.pop()

    def visit_Call(self, node: cst.Call) -> None:
        name = _called(node)
        for position, argument in enumerate(node.args, 1):
            if argument.keyword is None:
                label = f"argument {position} of {name}" if name else ""
                self._arguments[argument] = (label, name in SHAPERS)
            else:
                keyword = argument.keyword.value
                self._arguments[argument] = (
                    f"{keyword} of {name}" if name else keyword,
                    keyword in AXES,
                )
                self._settings.add(argument.value)
        self._offer_call(node)

    def visit_Arg(self, node: cst.Arg) -> None:
        label, is_rigid = self._arguments.get(node, ("", False))
        self._slots.append(label or self._slots[-1])
        self._rigid += is_rigid

    def leave_Arg(self, original_node: cst.Arg) -> None:
        self._slots.pop()
        self._rigid -= self._arguments.get(original_node, ("", False))[1]

    def visit_SubscriptElement(self, node: cst.SubscriptElement) -> None:
        self._rigid += 1

    def leave_SubscriptElement(
        self,
        original_node: cst.SubscriptElement,
    ) -> None:
        self._rigid -= 1

    # Literals.

    def visit_Integer(self, node: cst.Integer) -> None:
        if len(node.value) <= LONGEST_LITERAL:
            self._add_number(node, int(node.value, 0))

    def visit_Float(self, node: cst.Float) -> None:
        if len(node.value) <= LONGEST_LITERAL:
            self._add_number(node, float(node.value))

    def visit_Name(self, node: cst.Name) -> None:
        if node in self._settings and node.value in ("True", "False"):
            self._offer(node, ("False" if node.value == "True" else "True",), node)

    # Operators.

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        if not isinstance(node.left, _STRINGS) and not isinstance(node.right, _STRINGS):
            self._offer(node.operator, BINARY.get(type(node.operator).__name__, ()), node)

    def visit_Comparison(self, node: cst.Comparison) -> None:
        for target in node.comparisons:
            options = COMPARISON.get(type(target.operator).__name__, ())
            self._offer(target.operator, options, node)

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        self._offer(node.operator, ("or" if isinstance(node.operator, cst.And) else "and",), node)

    # Statements.

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        if not self._functions:
            return
        is_body = self._functions[-1].body is node
        statements = tuple(
            _statement(self.spans.lines_of(child), child, is_first=is_body and i == 0)
            for i, child in enumerate(node.body)
        )
        self.blocks.append(
            Block(
                function=self._scope[-1],
                statements=statements,
                is_bare_body=is_body and not _is_string(node.body[0]),
            )
        )

    def _open_slot(self, name: str, value: cst.CSTNode | None, *, is_setting: bool = True) -> None:
        scope = f" of {self._scope[-1]}" if self._scope else ""
        self._slots.append(f"{name}{scope}" if name else "")
        if value is not None and is_setting:
            self._settings.add(value)

    def _add_number(self, node: cst.Integer | cst.Float, value: float) -> None:
        where = f" in {self._scope[-1]}" if self._scope else ""
        is_seed = "seed" in self._slots[-1].lower()  # trying seeds is not having an idea
        is_bare_bit = value in (0, 1) and node not in self._settings
        self.numbers.append(
            Number(
                span=self.spans.of(node),
                text=node.value,
                label=self._slots[-1] or f"a number{where}",
                is_structural=self._rigid > 0 or is_bare_bit or is_seed,
            )
        )

    def _offer(self, node: cst.CSTNode, options: tuple[str, ...], whole: cst.CSTNode) -> None:
        if options:
            self.choices.append(
                Choice(
                    span=self.spans.of(node),
                    options=options,
                    whole=self.spans.of(whole),
                    function=self._scope[-1] if self._scope else "",
                )
            )

    def _offer_call(self, node: cst.Call) -> None:
        name = _called(node)
        if isinstance(node.func, cst.Attribute):
            base = node.func.value
            is_numeric = isinstance(base, cst.Name) and base.value in NUMERIC_MODULES
            tables = PAIRS if is_numeric else ACTIVATIONS + PAIRS
            options = [o for table in tables if name in table for o in table if o != name]
            self._offer(node.func.attr, tuple(options), node)
        elif name in BUILTIN_PAIR:
            self._offer(node.func, tuple(o for o in BUILTIN_PAIR if o != name), node)


class _Top:
    """Collects top-level statements."""

    def __init__(self, scanner: _Scanner, module: cst.Module) -> None:
        self._spans, self._data = scanner.spans, scanner.data
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
            if is_prologue and (_is_import(statement) or (i == 0 and _is_string(statement))):
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
        elif _is_import(statement):
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


_STRINGS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
_SIMPLE = (cst.Assign, cst.AugAssign, cst.Expr)
_FIXED = (
    cst.AnnAssign,
    cst.Break,
    cst.Continue,
    cst.Global,
    cst.Import,
    cst.ImportFrom,
    cst.Nonlocal,
    cst.Pass,
    cst.Raise,
    cst.Return,
)


def _called(node: cst.Call) -> str:
    if isinstance(node.func, cst.Attribute):
        return str(node.func.attr.value)
    return str(node.func.value) if isinstance(node.func, cst.Name) else ""


def _statement(span: Span, node: cst.CSTNode, *, is_first: bool) -> Statement:
    if not isinstance(node, cst.SimpleStatementLine):
        is_definition = isinstance(node, (cst.FunctionDef, cst.ClassDef))
        return Statement(span=span, is_simple=False, is_fixed=is_definition)
    is_docstring = is_first and _is_string(node)
    return Statement(
        span=span,
        is_simple=all(isinstance(small, _SIMPLE) for small in node.body) and not is_docstring,
        is_fixed=any(isinstance(small, _FIXED) for small in node.body) or is_docstring,
    )


def _is_string(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.SimpleStatementLine) or not isinstance(node.body[0], cst.Expr):
        return False
    return isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString))


def _is_import(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and len(node.body) == 1
        and isinstance(node.body[0], (cst.Import, cst.ImportFrom))
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
