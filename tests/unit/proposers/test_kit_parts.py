"""Every alternative that a shipped kit declares fits the kit's own code."""

from pathlib import Path

import pytest

import filial
from filial.proposers import Alternative, read_parts
from filial.proposers.grafts import graft
from filial.proposers.sites import is_python, scan

KITS = Path(filial.__file__).parent / "kits"


def alternatives() -> list[tuple[str, Alternative]]:
    found = []
    for path in sorted(KITS.glob("*/parts/**/*.py")):
        kit = path.relative_to(KITS).parts[0]
        relative = path.relative_to(KITS / kit / "parts").as_posix()
        found += [(kit, a) for a in read_parts(relative, path.read_text(encoding="utf-8"))]
    return found


@pytest.mark.parametrize(
    ("kit", "alternative"), alternatives(), ids=lambda value: getattr(value, "name", value)
)
def test_it_replaces_something_and_compiles(kit: str, alternative: Alternative) -> None:
    code = scan((KITS / kit / "code" / alternative.path).read_text(encoding="utf-8"))
    bin_ = scan((KITS / kit / "parts" / alternative.path).read_text(encoding="utf-8"))
    assert code is not None
    assert bin_ is not None
    present = code.definition(alternative.name)
    assert present is not None
    assert present.text != alternative.text
    text = graft(code, present, alternative.text, bin_, alternative.needs)
    assert is_python(text)
    after = scan(text)
    assert after is not None
    assert all(after.binds(name) for name in alternative.needs)
