"""The catalogue is readable, complete, and says nothing about itself inside."""

import ast
import json
import re
from pathlib import Path

import pytest

from filial.errors import ConfigError
from filial.redteam import Specimen, specimens

CATALOGUE = list(specimens())
ROWS = {row for specimen in CATALOGUE for row in specimen.rows}
ATTACKS = [specimen for specimen in CATALOGUE if not specimen.is_twin]


def write(folder: Path, name: str, text: str) -> list[Specimen]:
    path = folder / "forging" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return list(specimens(folder))


def test_every_documented_hack_has_an_attack() -> None:
    covered = {row for specimen in ATTACKS for row in specimen.rows}
    missing = {str(row) for row in range(1, 73)} - covered
    assert not missing, f"rows without an attack: {sorted(missing, key=int)}"


def test_every_measured_attack_on_peers_has_a_copy() -> None:
    letters = {row.removeprefix("peers: ")[0] for row in ROWS if row.startswith("peers: ")}
    assert letters >= set("abcdefghijklmn")


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 100
    assert len(CATALOGUE) - len(ATTACKS) >= 30


@pytest.mark.parametrize("specimen", CATALOGUE, ids=lambda s: s.name)
def test_it_says_what_it_does_and_its_code_does_not(specimen: Specimen) -> None:
    assert 10 <= len(specimen.title) <= 200
    assert re.fullmatch(r"\w+/(\d\d[a-z]?|[a-n]\d?)_\w+(\.twin)?", specimen.name)
    assert "[specimen]" not in specimen.text
    if specimen.line is None:
        ast.parse(specimen.text)
        line = specimen.proposal("x = 1\n").splitlines()[0]
        record = json.loads(line)
        (text,) = record["files"].values()
        assert text.startswith("x = 1\n") == specimen.is_appended


def test_header_and_code_are_told_apart(tmp_path: Path) -> None:
    text = (
        '"""Does\nthis.\n\n[specimen]\nrows = ["1"]\nexpected = ["reject"]\n"""\n\nx = """y"""\n'
    )
    (made,) = write(tmp_path, "01_x.py", text)
    assert (made.name, made.title, made.group) == ("forging/01_x", "Does this.", "forging")
    assert made.text == 'x = """y"""\n'
    assert made.expected == ("reject",)
    assert not made.is_twin


def test_a_twin_must_be_promoted(tmp_path: Path) -> None:
    (made,) = write(tmp_path, "01_x.twin.py", '"""Honest.\n\n[specimen]\nrows = ["1"]\n"""\n')
    assert made.is_twin
    assert made.expected == ("promote",)


def test_a_raw_line_is_replayed_as_it_is(tmp_path: Path) -> None:
    (made,) = write(tmp_path, "02_x.toml", "title = 'Raw.'\nrows = ['5']\nline = '{}x'\n")
    assert made.proposal("anything") == "{}x"


def test_copies_differ_by_their_number(tmp_path: Path) -> None:
    header = 'rows = ["72"]\ncopies = 3\n'
    (made,) = write(tmp_path, "72_x.py", f'"""Luck.\n\n[specimen]\n{header}"""\n\nSEED = COPY\n')
    records = [json.loads(line) for line in made.proposal("").splitlines()]
    texts = [record["files"]["answer.py"] for record in records]
    assert texts == ["SEED = 0\n", "SEED = 1\n", "SEED = 2\n"]


@pytest.mark.parametrize(
    "text",
    ["x = 1\n", '"""No header."""\n', '"""Bad.\n\n[specimen]\nrow = ["1"]\n"""\n', "def ("],
)
def test_an_entry_without_a_header_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"01_x\.py: its header cannot be read"):
        write(tmp_path, "01_x.py", text)


def test_what_fits(tmp_path: Path) -> None:
    header = 'rows = ["1"]\nmode = "append"\nneeds = "L4"\n'
    (made,) = write(tmp_path, "01_x.py", f'"""Attack.\n\n[specimen]\n{header}"""\n')
    assert made.fits("L4")
    assert made.fits("L5", own=True)
    assert not made.fits("L3")


def test_a_study_that_judges_cpu_time_is_attacked_at_l4_only() -> None:
    levels = {specimen.needs for specimen in CATALOGUE if specimen.study == "kernel"}
    assert levels == {"L4"}
