"""Places in a Python file that can be edited, as byte spans: plain values, no syntax tree.

The file is read once by LibCST (`scanner.py`) and remembered by its text; an edit splices bytes,
so everything outside the edited span keeps its exact form.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

from filial.core import Brief, Prediction

N_REMEMBERED_FILES = 512
_BARE_CR = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``end`` (exclusive) of a file in UTF-8."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A numeric literal.

    Attributes:
        span: Where it stands.
        text: As written.
        label: What it sets, for people: ``"LR"``, ``"lr of AdamW"``.
        is_structural: Whether it is an index, an axis, a seed, or a bare 0 or 1: not a quantity.
    """

    span: Span
    text: str
    label: str
    is_structural: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A token that may be swapped for another.

    Attributes:
        span: Where the token stands.
        options: What may stand there instead.
        whole: Span of the expression around it.
        function: Name of the function it stands in; empty at module level.
    """

    span: Span
    options: tuple[str, ...]
    whole: Span
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a block.

    Attributes:
        span: Its whole lines, with their line ends.
        is_simple: Whether it is an assignment or a call, which may be repeated.
        is_fixed: Whether it must stay: docstrings, returns, imports, definitions and the like.
    """

    span: Span
    is_simple: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The statements of one indented block inside a function.

    Attributes:
        function: Name of the function.
        statements: In order.
        is_bare_body: Whether this is the function's own body and has no docstring.
    """

    function: str
    statements: tuple[Statement, ...]
    is_bare_body: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A top-level function, class or assignment to one name.

    Attributes:
        name: What it binds.
        span: From its first decorator to its end, without comments around it.
        text: The bytes of ``span``.
        lead: Start of the comment lines directly above it, or ``span.start``.
        comments: Those lines, each from its ``#``.
        line: Line number, from 1.
        is_function: Whether it is a function.
    """

    name: str
    span: Span
    text: str
    lead: int
    comments: tuple[str, ...]
    line: int
    is_function: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A top-level import statement alone on its line.

    Attributes:
        span: Its whole lines.
        text: Without comments around it.
        names: The names it binds; empty for a star import.
        modules: The modules it names, without ``from``'s members; a relative one starts with ".".
    """

    span: Span
    text: str
    names: tuple[str, ...]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A parsed file and its places.

    Attributes:
        data: The file in UTF-8.
        numbers: Numeric literals, in order.
        choices: Tokens with alternatives, in order.
        blocks: Blocks inside functions.
        definitions: Top-level definitions, in order.
        imports: Top-level imports, in order.
        starts: Start of each top-level statement, decorators included.
        import_point: Where a further import may be inserted.
    """

    data: bytes
    numbers: tuple[Number, ...] = ()
    choices: tuple[Choice, ...] = ()
    blocks: tuple[Block, ...] = ()
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    starts: tuple[int, ...] = ()
    import_point: int = 0

    def text_of(self, span: Span) -> str:
        """Returns the text of ``span``."""
        return self.data[span.start : span.end].decode()

    def lines_of(self, span: Span) -> str:
        """Returns the text of a span of whole lines, with a line end also where the file ends."""
        text = self.text_of(span)
        return text if text.endswith("\n") else text + "\n"

    def definition(self, name: str) -> Definition | None:
        """Returns the last definition of ``name``, the one that counts, or None."""
        found = [d for d in self.definitions if d.name == name]
        return found[-1] if found else None

    def binds(self, name: str) -> bool:
        """Whether a top-level definition or import binds ``name``."""
        return self.definition(name) is not None or any(name in i.names for i in self.imports)

    def splice(self, *edits: tuple[Span, str]) -> str:
        """Returns the file with each span, none overlapping, replaced by its text.

        Insertions at one place keep their order.
        """
        out, position = [], 0
        for span, text in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
            out += [self.data[position : span.start], text.encode()]
            position = span.end
        return b"".join([*out, self.data[position:]]).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit of one file, with its reason.

    Attributes:
        path: The file.
        text: Its new text.
        hypothesis: One sentence, with before and after.
        predicted: The expected effect, if one was declared.
    """

    path: str
    text: str
    hypothesis: str
    predicted: Prediction | None = None


@lru_cache(maxsize=N_REMEMBERED_FILES)
def scan(text: str) -> Source | None:
    """Returns the places of a Python file, or None if it cannot be read as Python.

    A byte order mark is dropped and a bare carriage return becomes a line end, which is how Python
    reads them; so an edit of such a file also puts that right.
    """
    text = _BARE_CR.sub("\n", text.removeprefix("\ufeff"))
    from filial.proposers.scanner import read  # noqa: PLC0415 - LibCST takes 0.2 s to import

    return read(text) if is_python(text) else None


def is_python(text: str) -> bool:
    """Whether ``text`` compiles."""
    return compile_error(text) is None


@lru_cache(maxsize=N_REMEMBERED_FILES)
def compile_error(text: str) -> tuple[int, str] | None:
    """Returns line, from 1, and reason of what keeps ``text`` from compiling; None if nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler thinks of a candidate's style
        try:
            compile(text, "<candidate>", "exec", dont_inherit=True)
        except SyntaxError as error:
            return max(error.lineno or 1, 1), error.msg
        except (ValueError, OverflowError) as error:  # a NUL, or a number of too many digits
            return 1, str(error)
        except (RecursionError, MemoryError):  # the parser's own limit, not the machine's
            return 1, "too deeply nested"
    return None


@lru_cache(maxsize=N_REMEMBERED_FILES)
def names_in(text: str) -> frozenset[str]:
    """Returns every name that a piece of valid Python mentions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def editable_sources(brief: Brief) -> dict[str, Source]:
    """Returns the readable Python files on the brief's surfaces, by path, in path order."""
    paths = sorted({path for surface in brief.surfaces.values() for path in surface})
    sources = {
        path: scan(brief.files[path])
        for path in paths
        if path.endswith(".py") and path in brief.files
    }
    return {path: source for path, source in sources.items() if source is not None}
