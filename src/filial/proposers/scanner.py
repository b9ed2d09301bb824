"""LibCST syntax tree -> places (`sites.py`). Imported only when a file is first read."""
# ruff: noqa: N802 - LibCST fixes the names of visitor methods and of their arguments

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from filial.proposers.sites import Block, Choice, Number, Source, Span, Statement
from filial.proposers.slots import SlotVisitor, called
from filial.proposers.spans import Spans, is_string
from filial.proposers.toplevel import TopLevel

LONGEST_LITERAL = 40  # longer ones are data, not quantities

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
    """Returns the places of ``text``, which compiles; None if LibCST cannot read it.

    It has no byte order mark, and no line that ends in a bare carriage return.
    """
    try:
        data = text.encode()
        module = cst.parse_module(text)
        spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        # LibCST counts a last line end even where there is none.
        if spans[module].length != len(data) + (not text.endswith("\n") and text != ""):
            return None  # the spans do not fit the bytes
        scanner = _Scanner(Spans(spans, data))
        module.visit(scanner)
    except (cst.ParserSyntaxError, UnicodeEncodeError, RecursionError):
        return None
    top = TopLevel(scanner.spans, module)
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


class _Scanner(SlotVisitor):
    """Collects what lies inside statements."""

    def __init__(self, spans: Spans) -> None:
        super().__init__()
        self.spans = spans
        self.numbers: list[Number] = []
        self.choices: list[Choice] = []
        self.blocks: list[Block] = []

    # Literals.

    def visit_Integer(self, node: cst.Integer) -> None:
        if len(node.value) <= LONGEST_LITERAL:
            self._add_number(node, int(node.value, 0))

    def visit_Float(self, node: cst.Float) -> None:
        if len(node.value) <= LONGEST_LITERAL:
            self._add_number(node, float(node.value))

    def visit_Name(self, node: cst.Name) -> None:
        if self.is_setting(node) and node.value in ("True", "False"):
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

    def visit_Call(self, node: cst.Call) -> None:
        super().visit_Call(node)
        name = called(node)
        if isinstance(node.func, cst.Attribute):
            base = node.func.value
            is_numeric = isinstance(base, cst.Name) and base.value in NUMERIC_MODULES
            tables = PAIRS if is_numeric else ACTIVATIONS + PAIRS
            options = [o for table in tables if name in table for o in table if o != name]
            self._offer(node.func.attr, tuple(options), node)
        elif name in BUILTIN_PAIR:
            self._offer(node.func, tuple(o for o in BUILTIN_PAIR if o != name), node)

    # Statements.

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        if not self.functions:
            return
        is_body = self.functions[-1].body is node
        statements = tuple(
            _statement(self.spans.lines_of(child), child, is_first=is_body and i == 0)
            for i, child in enumerate(node.body)
        )
        self.blocks.append(
            Block(
                function=self.scope[-1],
                statements=statements,
                is_bare_body=is_body and not is_string(node.body[0]),
            )
        )

    def _add_number(self, node: cst.Integer | cst.Float, value: float) -> None:
        where = f" in {self.scope[-1]}" if self.scope else ""
        is_seed = "seed" in self.slot.lower()  # trying seeds is not having an idea
        is_bare_bit = value in (0, 1) and not self.is_setting(node)
        self.numbers.append(
            Number(
                span=self.spans.of(node),
                text=node.value,
                label=self.slot or f"a number{where}",
                is_structural=self.is_rigid or is_bare_bit or is_seed,
            )
        )

    def _offer(self, node: cst.CSTNode, options: tuple[str, ...], whole: cst.CSTNode) -> None:
        if options:
            self.choices.append(
                Choice(
                    span=self.spans.of(node),
                    options=options,
                    whole=self.spans.of(whole),
                    function=self.scope[-1] if self.scope else "",
                )
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


def _statement(span: Span, node: cst.CSTNode, *, is_first: bool) -> Statement:
    if not isinstance(node, cst.SimpleStatementLine):
        is_definition = isinstance(node, (cst.FunctionDef, cst.ClassDef))
        return Statement(span=span, is_simple=False, is_fixed=is_definition)
    is_docstring = is_first and is_string(node)
    return Statement(
        span=span,
        is_simple=all(isinstance(small, _SIMPLE) for small in node.body) and not is_docstring,
        is_fixed=any(isinstance(small, _FIXED) for small in node.body) or is_docstring,
    )
