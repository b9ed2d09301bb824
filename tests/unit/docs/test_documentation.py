"""The documentation says what the code does."""

import json
import re
import subprocess  # noqa: TID251 - the generator is run as scripts/docs runs it
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from filial import stats
from filial.calibration import MAX_TRIALS
from filial.config import ProposerTable, Settings
from filial.core import Judged
from filial.gates.rule import SMALLEST_EFFECT_SIGMAS, Rule

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)

# Defaults that are worded: what the page says, and the value it stands for.
WORDS: dict[str, object] = {
    "required": ...,
    "none": None,
    "2 GiB": 2 << 30,
    "256 MiB": 256 << 20,
    "10 s": 10.0,
    "60 s": 60.0,
    "300 s": 300.0,
    "`4 * cpu_s + 30`": None,
    '`"recipe"`': Judged.RECIPE,
}


def sections() -> dict[str, str]:
    page = (DOCS / "study.md").read_text(encoding="utf-8")
    parts = re.split(r"^## `\[(\w+)\]`$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {"proposers": ProposerTable}
    for name, field in Settings.model_fields.items():
        options = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for option in options:
            if isinstance(option, type) and issubclass(option, BaseModel):
                found[name] = option
    return found


def as_value(text: str) -> object:
    if text in WORDS:
        return WORDS[text]
    if text.startswith('`["'):
        return tuple(json.loads(text.strip("`")))
    number = re.fullmatch(r"[\d.]+", text)
    return float(text) if number else text.strip('`"')


def default_of(model: type[BaseModel], name: str) -> object:
    field = next(f for n, f in model.model_fields.items() if (f.alias or n) == name)
    if field.is_required():
        return ...
    default: Any = field.default
    return None if default in ((), {}) else default


def test_every_table_of_study_toml_is_documented() -> None:
    assert set(sections()) == set(Settings.model_fields)


@pytest.mark.parametrize("table", sorted(models()))
def test_every_key_is_documented_with_its_default(table: str) -> None:
    model = models()[table]
    rows = {name: default for name, _, default, _ in ROW.findall(sections()[table])}
    assert set(rows) == {field.alias or name for name, field in model.model_fields.items()}
    for name, text in rows.items():
        assert as_value(text) == default_of(model, name), f"{table}.{name}"


def test_command_line_reference_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == made, "run scripts/docs"


def test_every_page_is_in_the_navigation() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    listed = re.findall(r": ([\w/.-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(pages)


def test_the_readers_browser_fetches_nothing() -> None:
    assert "font: false" in (ROOT / "mkdocs.yml").read_text()


def test_numbers_of_the_rule_are_those_of_the_gate() -> None:
    page = (DOCS / "concepts.md").read_text(encoding="utf-8")
    rule = Rule()
    claims = [
        f"up to {MAX_TRIALS} seeds",
        f"below {rule.screen_sigmas:g} {SIGMA}",
        f"at most {rule.max_pairs} (`max_pairs`)",
        f"more than {rule.spread_ratio} {SIGMA}",
        f"{stats.OMEGA:.0%}".replace("%", " %") + " of what is left",
        f"false\n   discovery rate of {rule.fdr:.2f}",
        f"before the first promotion {stats.START:.0%}".replace("%", " %") + " of that rate",
        f"The first needs E ≥ {1 / stats.e_lord_alpha([], fdr=rule.fdr):,.0f}",
        f"and the second {1 / (stats.OMEGA * 2 * (1 - stats.START) * rule.fdr):.0f} at most",
        f"at least {rule.min_pairs} pairs",
        f"{SMALLEST_EFFECT_SIGMAS} {SIGMA} where it declares none",
        "effects of " + ", ".join(f"{delta:g}" for delta in stats.DELTAS[:-1]) + " and 8",
    ]
    assert [claim for claim in claims if claim not in page] == []
