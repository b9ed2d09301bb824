"""The page about the gate shows what the command compares."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from filial.bench.items import ITEM_RULES
from filial.bench.plan import ITEM_WORLDS, SETTINGS, WORLDS
from filial.bench.rules import RULES

DOCS = Path(__file__).parents[3] / "docs"


def test_a_table_for_every_world_and_a_row_for_every_rule() -> None:
    page = (DOCS / "gate.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    rules = {(world.name, world.title): [rule.name for rule in RULES] for world in WORLDS}
    rules |= {(world.name, world.title): [r.name for r in ITEM_RULES] for world in ITEM_WORLDS}
    for (name, title), names in rules.items():
        section = sections[name]
        assert title in section, "run scripts/bench.py"
        assert re.findall(r"^\| (\w[^|]+) \|", section, re.MULTILINE) == names
    rows = re.findall(r"^\| (\w[^|]+) \|", sections["The price of a gain"], re.MULTILINE)
    assert rows == [setting.name for setting in SETTINGS]


def test_the_figure_names_every_rule_and_setting() -> None:
    root = ET.fromstring((DOCS / "gate.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own
    words = " ".join(element.text or "" for element in root.iter())
    for each in (*RULES, *SETTINGS):
        assert each.name in words, "run scripts/bench.py"
