"""``filial bench gate`` as a user runs it."""

import json
import xml.etree.ElementTree as ET

from conftest import Cli, Here

SCORE_KEYS = {
    "n_repeats",
    "promotions",
    "false_promotions",
    "fdr",
    "fdr_error",
    "spoilt",
    "true_gain",
    "true_gain_error",
    "claimed_per_true",
    "cost",
}


def test_a_quick_comparison_in_json_with_a_figure(cli: Cli) -> None:
    words = ("bench", "gate", "--quick", "--repeats", 1, "--seed", 5, "--json")
    out = cli.ok(*words, "--figure", "gate.svg")
    (line,) = out.splitlines()
    record = json.loads(line)
    assert record["seed"] == 5
    assert record["repeats"] == 1
    tables = {table["world"]: table["scores"] for table in record["tables"]}
    assert {"nothing", "mixed", "adaptive", "items"} <= set(tables)
    for scores in (*tables.values(), record["curve"]):
        assert all(set(score) == SCORE_KEYS for score in scores.values())
    assert tables["nothing"]["higher in a pair"]["fdr"] == 1.0
    assert tables["mixed"]["Filial"]["cost"] < tables["mixed"]["t test, 3 pairs"]["cost"]
    ET.fromstring((cli.folder / "gate.svg").read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert cli.ok(*words, "--workers", 1) == out


def test_a_figure_nowhere_is_refused_before_anything_is_simulated(here: Here) -> None:
    assert "no folder" in here.error("bench", "gate", "--figure", "nowhere/gate.svg")
