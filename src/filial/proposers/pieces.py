"""A model's answer taken apart: fenced blocks, SEARCH/REPLACE pairs and prose.

Every line is looked at a bounded number of times, so the time taken grows with the text's length.
"""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"([ \t]*+)(`{3,}+|~{3,}+)[ \t]*+([^`]*+)")
_SEARCH = re.compile(r"\s*<{5,9} ?(?:SEARCH|ORIGINAL|HEAD)\b:? *(.*)")
_DIVIDER = re.compile(r"\s*={5,9}\s*")
_REPLACE = re.compile(r"\s*>{5,9} ?(?:REPLACE|UPDATED)\b.*")
_PATH = re.compile(r"(?:\./|/)?[\w-][\w.-]*(?:/[\w.-]+)*(?:::\w[\w.]*)?")
_EXTENSION = re.compile(r"\.[A-Za-z]\w{0,7}(?:::.*)?$")
_LABEL = re.compile(r"(?:file|filename|path|title)\s*[:=]\s*", re.IGNORECASE)
_THOUGHT = re.compile(r"\s*<(think|thinking|reasoning)>", re.IGNORECASE)
_QUOTES = re.compile(r"\"{3}|'{3}|#")
_MARKUP = " \t#*_>:-`\"'"
_MAX_DOUBTS = 8  # blocks read twice
_LONGEST_LINE = 300  # longer ones name no path


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block.

    Attributes:
        line: Number of its first line in the answer, from 1.
        language: What its fence says, in lower case; empty if nothing.
        title: The path it names, maybe with ``::NAME``; empty if none.
        text: What it holds, whole lines.
    """

    line: int
    language: str = ""
    title: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A SEARCH/REPLACE pair.

    Attributes:
        line: Number of its first line in the answer, from 1.
        title: The path it names; empty if none.
        search: What is to be replaced, whole lines.
        replace: What comes instead, whole lines.
    """

    line: int
    title: str = ""
    search: str
    replace: str


Piece = Block | Swap


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """An answer taken apart.

    Attributes:
        prose: Lines outside blocks and pairs, without what the model thought to itself.
        edits: Blocks and pairs, in order.
        trouble: What is wrong with the first pair that cannot be read; empty if none is.
    """

    prose: tuple[str, ...]
    edits: tuple[Piece, ...]
    trouble: str = ""


def take_apart(text: str) -> Pieces:
    """Returns the pieces of an answer whose lines end in line feeds. It raises nothing.

    A block whose end is missing reaches to the next fence that opens one, or to the end. Fences
    that are indented deeper than the block's own, or stand within a string in triple quotes,
    belong to the block.
    """
    scanner = _Scanner(text.removesuffix("\n").split("\n"))
    scanner.run()
    return Pieces(prose=tuple(scanner.prose), edits=tuple(scanner.edits), trouble=scanner.trouble)


def names_path(word: str) -> bool:
    """Whether a word looks like ``folder/file.ext`` or ``file.ext::NAME``."""
    if len(word) > _LONGEST_LINE or not _PATH.fullmatch(word):
        return False
    return "/" in word or "::" in word or _EXTENSION.search(word) is not None


class _Scanner:
    def __init__(self, lines: list[str]) -> None:
        self._lines, self._at = lines, 0
        self.prose: list[str] = []
        self.edits: list[Piece] = []
        self.trouble = ""
        self._n_doubts = 0

    def run(self) -> None:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            fence = _FENCE.fullmatch(line)
            if thought := _THOUGHT.match(line):
                self._skip_thought(f"</{thought[1].lower()}>")
            elif fence:
                self._take_block(fence)
            elif _SEARCH.fullmatch(line):
                self._take_swap(self._title_above())
            else:
                self.prose.append(line)
                self._at += 1

    def _skip_thought(self, end: str) -> None:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            place = line.lower().find(end)
            if place >= 0:
                rest = line[place + len(end) :]
                self._lines[self._at] = "" if _THOUGHT.match(rest) else rest
                return
            self._at += 1

    def _take_block(self, fence: re.Match[str]) -> None:
        indent, mark, info = len(fence[1]), fence[2], fence[3].strip()
        language, title = _of_info(info)
        title = title or self._title_above()
        self._at += 1
        start, n_before = self._at, len(self.edits)
        body: list[str] = []
        in_string, doubt = "", 0  # number of lines of the body at a fence that may be its end
        has_strings = self._n_doubts < _MAX_DOUBTS and _is_python(language, title)
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not in_string and _SEARCH.fullmatch(line):
                self._take_swap(title or _of_line(body[-1] if body else ""))
                continue
            other = _FENCE.fullmatch(line)
            if other and len(other[1]) <= indent and other[2].startswith(mark):
                if not in_string:
                    self._at += not other[3].strip()
                    break
                doubt = doubt or len(body)
            if has_strings:
                in_string = _string_after(line, in_string)
            body.append(line[indent:] if not line[:indent].strip() else line)
            self._at += 1
        else:
            if doubt:  # the string never ends, so it never was one
                self._n_doubts += 1
                self._at, body = start + doubt + 1, body[:doubt]
        if len(self.edits) > n_before:  # it held pairs; what stands between them is chatter
            return
        own = "" if title else _own_title(body)
        text = "".join(f"{line}\n" for line in (body[1:] if own else body))
        block = Block(line=start + 1 + bool(own), language=language, title=title or own, text=text)
        self.edits.append(block)

    def _take_swap(self, title: str) -> None:
        first = self._at
        marker = _SEARCH.fullmatch(self._lines[first])
        inline = marker[1].strip() if marker else ""
        self._at += 1
        search = self._until(_DIVIDER)
        replace = self._until(_REPLACE) if search is not None else None
        if search is None or replace is None:
            missing = "=======" if search is None else ">>>>>>> REPLACE"
            where = f"the SEARCH/REPLACE pair that begins in line {first + 1} of the answer"
            self.trouble = self.trouble or f"{where} has no line `{missing}`"
            return
        title = inline if names_path(inline) else title or self._title_before()
        self.edits.append(Swap(line=first + 1, title=title, search=search, replace=replace))

    def _until(self, marker: re.Pattern[str]) -> str | None:
        """Returns the lines up to ``marker``, which is passed; None if another pair begins."""
        taken: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if marker.fullmatch(line):
                self._at += 1
                return "".join(taken)
            if _SEARCH.fullmatch(line):
                return None
            taken.append(f"{line}\n")
            self._at += 1
        return None

    def _title_above(self) -> str:
        """Returns the path on the prose line right above, one blank line between allowed."""
        above = [line for line in self.prose[-2:] if line.strip()]
        return _of_line(above[-1]) if above else ""

    def _title_before(self) -> str:
        """Returns the path of the pair before, which those that name none belong to."""
        before = self.edits[-1] if self.edits else None
        return before.title if isinstance(before, Swap) else ""


def _is_python(language: str, title: str) -> bool:
    return language in {"", "python", "py", "python3"} and (
        not title or "::" in title or title.endswith(".py")
    )


def _of_info(info: str) -> tuple[str, str]:
    """Returns language and path of a fence's info string."""
    if len(info) > _LONGEST_LINE:
        return "", ""
    words = [_unlabelled(word).strip("{}\"'`,()") for word in info.split()]
    language = ""
    for i, word in enumerate(words):
        head, colon, tail = word.partition(":")
        if names_path(word):
            return language, word
        if i == 0:
            language = head.lower()
        if colon and names_path(tail):
            return language, tail
    return language, ""


def _of_line(line: str) -> str:
    """Returns the path that a line of prose names as a heading does; empty if none."""
    if len(line) > _LONGEST_LINE:
        return ""
    bare = _unlabelled(line.strip(_MARKUP)).strip(_MARKUP)
    if names_path(bare):
        return bare
    if not line.rstrip(" *").endswith(":"):
        return ""
    marked = line.replace("**", "`").split("`")[1::2]
    named = [word for word in marked if names_path(word)]
    return named[0] if len(named) == 1 else ""


def _own_title(body: list[str]) -> str:
    """Returns the path in a comment, or alone, on the first of ``body``'s lines; or empty."""
    line = body[0].strip() if body else ""
    if len(line) > _LONGEST_LINE:
        return ""
    bare = _unlabelled(line.lstrip("#/ ").rstrip(" :"))
    return bare if line.startswith(("#", "//")) and names_path(bare) else ""


def _unlabelled(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def _string_after(line: str, mark: str) -> str:
    """Returns the triple quotes that a line ends within; ``mark`` are those it begins within."""
    for sign in _QUOTES.findall(line):
        if mark:
            mark = "" if sign == mark else mark
        elif sign == "#":
            break
        else:
            mark = sign
    return mark
