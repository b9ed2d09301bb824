"""One bar for all that is counted."""

import io

from rich.console import Console
from rich.text import Text

from filial.cli.progress import Progress


def drawn(*, is_terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, color_system=None, width=100)
    with Progress("attacking", 2, console) as progress:
        progress.advance("one")
        progress.say(Text("ESCAPED one"))
        progress.advance("[b]two[/b]" + "x" * 100)
    return out.getvalue()


def test_on_a_terminal_it_counts_and_names_the_last() -> None:
    text = drawn(is_terminal=True)
    assert "2/2" in text
    assert "[b]two[/b]" + "x" * 30 in text, "names are no markup"
    assert "x" * 31 not in text
    assert "ESCAPED one" in text


def test_elsewhere_it_only_says_what_must_stay() -> None:
    assert drawn(is_terminal=False).strip() == "ESCAPED one"
