"""Lines become proposals; bad lines say what is wrong with them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from filial.core import Brief, Edit, Failure, FailureKind, Patch, Prediction, Proposal
from filial.proposers import Replay
from filial.testing.proposer_contract import brief

FILES = {"a.py": "x = 1\n"}


def apply_diff(diff: str, files: Mapping[str, str]) -> Patch | Failure:
    if diff != "good":
        return Failure(kind=FailureKind.STALE, detail="hunk 1 does not apply")
    return Patch(edits=(Edit(path="a.py", text=files["a.py"] + "y = 2\n"),))


def at(index: int) -> Brief:
    return brief(index, FILES, ("a.py",))


def replay(*lines: object) -> Replay:
    return Replay([x if isinstance(x, str) else json.dumps(x) for x in lines], apply_diff)


def test_files() -> None:
    line = {
        "hypothesis": "two is better",
        "predicted": {"metric": "loss", "effect": 1},
        "files": {"a.py": "x = 2\n", "b.py": None},
    }
    assert replay(line).propose(at(0)) == Proposal(
        hypothesis="two is better",
        predicted=Prediction(metric="loss", effect=1.0),
        patch=Patch(edits=(Edit(path="a.py", text="x = 2\n"), Edit(path="b.py", text=None))),
    )


def test_a_diff_is_applied_to_the_parent() -> None:
    proposal = replay({"hypothesis": "h", "predicted": None, "diff": "good"}).propose(at(0))
    expected = Patch(edits=(Edit(path="a.py", text="x = 1\ny = 2\n"),))
    assert proposal == Proposal(hypothesis="h", patch=expected)


def test_a_diff_that_does_not_apply_keeps_its_kind() -> None:
    proposal = replay({"hypothesis": "h", "diff": "bad"}).propose(at(0))
    failure = Failure(kind=FailureKind.STALE, detail="line 1: hunk 1 does not apply")
    assert proposal == Proposal(hypothesis="h", failure=failure)


def test_line_n_answers_brief_n_and_none_follows() -> None:
    source = replay(*({"hypothesis": str(n), "files": {}} for n in range(3)))
    said = [source.propose(at(n)) for n in (2, 0, 3, 1)]
    assert [p.hypothesis if p else None for p in said] == ["2", "0", None, "1"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON: "),
        ("[" * 100_000, "not JSON: "),
        ("9" * 5000, "not JSON: "),
        ("[]", "not a JSON object"),
        ({"files": {}}, "'hypothesis' must be a sentence"),
        ({"hypothesis": " ", "files": {}}, "'hypothesis' must be a sentence"),
        ({"hypothesis": "\ud800", "files": {}}, "'hypothesis' must be a sentence"),
        ({"hypothesis": "h", "file": {}}, "unknown key 'file'; did you mean 'files'?"),
        ({"hypothesis": "h", "q": 1, "files": {}}, "unknown key 'q'"),
        ({"hypothesis": "h"}, "give either 'files' or 'diff'"),
        ({"hypothesis": "h", "files": {}, "diff": ""}, "give either 'files' or 'diff'"),
        ({"hypothesis": "h", "diff": 1}, "'diff' must be a string"),
        ({"hypothesis": "h", "files": []}, "'files' must map paths to texts"),
        ({"hypothesis": "h", "files": {"a": 1}}, "the text of 'a' must be a string or null"),
        ({"hypothesis": "h", "files": {"a": "\ud800"}}, "the text of 'a' is not Unicode"),
        ({"hypothesis": "h", "predicted": 1, "files": {}}, "'predicted' must be null or have"),
        (
            {"hypothesis": "h", "predicted": {"metric": "m"}, "files": {}},
            "'predicted' must be null or have exactly 'metric' and 'effect'",
        ),
        (
            {"hypothesis": "h", "predicted": {"metric": "", "effect": 1}, "files": {}},
            "'metric' must be a name",
        ),
        (
            {"hypothesis": "h", "predicted": {"metric": "m", "effect": True}, "files": {}},
            "'effect' must be a number",
        ),
        (
            '{"hypothesis": "h", "predicted": {"metric": "m", "effect": NaN}, "files": {}}',
            "'effect' must be finite",
        ),
        (
            {"hypothesis": "h", "predicted": {"metric": "m", "effect": 10**400}, "files": {}},
            "'effect' must be finite",
        ),
    ],
)
def test_a_malformed_line_names_itself_and_the_problem(line: object, problem: str) -> None:
    proposal = replay("", {"hypothesis": "fine", "files": {}}, line).propose(at(1))
    assert proposal is not None
    assert proposal.failure is not None
    assert proposal.failure.kind is FailureKind.MALFORMED
    assert proposal.failure.detail.startswith(f"line 3: {problem}")
    assert not proposal.patch.edits


def test_from_file_says_the_same_as_from_lines(tmp_path: Path) -> None:
    lines = [
        '{"hypothesis": "é", "files": {}}',
        "",
        "nonsense",
        '{"hypothesis": "b", "files": {}}',
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    on_disk, in_memory = Replay.from_file(path, apply_diff), Replay(lines, apply_diff)
    for index in range(4):
        assert on_disk.propose(at(index)) == in_memory.propose(at(index))
    assert on_disk.propose(at(3)) is None


def test_bytes_that_are_not_utf8_are_malformed(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"hypothesis": "\xff", "files": {}}\n')
    proposal = Replay.from_file(path, apply_diff).propose(at(0))
    assert proposal is not None
    assert proposal.failure == Failure(kind=FailureKind.MALFORMED, detail="line 1: not UTF-8")


def test_ten_thousand_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(10_000):
            record = {"hypothesis": f"idea {n}", "files": {"a.py": f"x = {n}\n"}}
            file.write(json.dumps(record) + "\n")
    source = Replay.from_file(path, apply_diff)
    for n in (9_999, 0, 5_000):
        proposal = source.propose(at(n))
        assert proposal is not None
        assert proposal.hypothesis == f"idea {n}"
