"""One entry of the catalogue: an attack, or an honest twin that looks almost like it."""

import ast
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from filial.errors import ConfigError

CATALOGUE = Path(__file__).with_name("catalogue")
STUDIES = Path(__file__).with_name("studies")

_TWIN = ".twin"
_HEADING = "[specimen]"
_NUMBER = "COPY"  # stands in the text of a specimen of several copies for the number of the copy


class _Header(BaseModel):
    """What a file of the catalogue says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: tuple[str, ...] = Field(min_length=1)
    study: str = "sums"
    path: str = "answer.py"
    mode: Literal["append", "replace"] = "replace"
    expected: tuple[str, ...] = ()
    needs: Literal["L2", "L3", "L4"] = "L2"
    bare: bool = False
    title: str = ""
    line: Annotated[str, Field(min_length=2)] | None = None
    copies: Annotated[int, Field(ge=1, le=100)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A small candidate and what must become of it.

    Attributes:
        name: Group and file, without ending: ``"forging/03_always_equal"``.
        title: What it does, in one sentence.
        rows: Where it is documented: ``"12"`` is a row of the catalogue of reward hacks,
            ``"sandbox: fork bomb"`` and ``"peers: c"`` are measured attacks.
        study: Name of the study that it attacks.
        is_twin: Whether it is honest, and must be promoted.
        path: The file of the study's code that it replaces or adds to.
        is_appended: Whether its text goes behind the file's own; such a specimen fits any study
            whose served file it can be added to.
        text: Its text.
        line: Whole lines of proposals to replay instead, or None.
        copies: How often it is proposed; ``COPY`` in its text is the number of the copy, from 0.
        expected: How it may end: a verdict in lower case or a kind of failure; empty for any end
            but a promotion.
        needs: Lowest isolation level that claims to stop it.
        wins_bare: Whether it wins where nothing isolates, which tests rely on.
    """

    name: str
    title: str
    rows: tuple[str, ...]
    study: str
    is_twin: bool
    path: str
    is_appended: bool
    text: str
    line: str | None
    copies: int = 1
    expected: tuple[str, ...]
    needs: str
    wins_bare: bool

    @property
    def group(self) -> str:
        """The folder it lies in, which is its class of attack."""
        return self.name.partition("/")[0]

    def fits(self, level: str, *, own: bool = False) -> bool:
        """Returns whether it can be tried at ``level``, or on a user's own study.

        A specimen that needs a higher level than there is would win, as that level's own
        description says. Twins cannot improve a study that they were not written for.
        """
        return level >= self.needs and (not own or (self.is_appended and not self.is_twin))

    def proposal(self, base: str, path: str = "") -> str:
        """Returns the lines of proposals to replay.

        Args:
            base: The text of the file that it is put in place of, or added to.
            path: That file, if it is not the specimen's own.
        """
        if self.line is not None:
            return self.line
        text = f"{base.rstrip()}\n\n\n{self.text}" if self.is_appended else self.text
        copies = [text.replace(_NUMBER, str(n)) for n in range(self.copies)]
        if self.copies == 1:
            copies = [text]
        return "\n".join(
            json.dumps({"hypothesis": self.title, "files": {path or self.path: text}})
            for text in copies
        )


def specimens(folder: Path = CATALOGUE) -> Iterator[Specimen]:
    """Yields the catalogue in order of names.

    Raises:
        ConfigError: An entry has no header, or one that cannot be read.
    """
    for path in sorted(folder.glob("*/*")):
        if path.suffix in {".py", ".toml"}:
            yield _read(path, f"{path.parent.name}/{path.stem}")


def _read(path: Path, name: str) -> Specimen:
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix == ".toml":
            header = _Header.model_validate(tomllib.loads(text))
            title = header.title
        else:
            docstring = ast.get_docstring(ast.parse(text)) or ""
            title, _, rest = docstring.partition(_HEADING)
            header = _Header.model_validate(tomllib.loads(rest))
    except (ValidationError, tomllib.TOMLDecodeError, SyntaxError) as error:
        raise ConfigError(f"{path}: its header cannot be read: {error}") from error
    is_twin = name.endswith(_TWIN)
    return Specimen(
        name=name,
        title=" ".join(title.split()),
        rows=header.rows,
        study=header.study,
        is_twin=is_twin,
        path=header.path,
        is_appended=header.mode == "append",
        text=_body(text),
        line=header.line,
        copies=header.copies,
        expected=("promote",) if is_twin else header.expected,
        needs=header.needs,
        wins_bare=header.bare,
    )


def _body(text: str) -> str:
    """The code without its header, which would tell a screen what it is."""
    first = ast.parse(text).body[:1] if '"""' in text else []
    if first and isinstance(first[0], ast.Expr) and isinstance(first[0].value, ast.Constant):
        return "\n".join(text.splitlines()[first[0].end_lineno or 0 :]).strip() + "\n"
    return text
