"""Bad studies, bad candidates, bad disks: one clear line or a typed failure, and nothing lost."""

import json
import os
import re
import sqlite3
import subprocess  # noqa: TID251 - mounts are made with mount
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Cli, Here, bodies, edit, is_root

from filial.core import FailureKind, Promoted, Proposed, StudyOpened, TrialFinished
from filial.kits import copy

K = FailureKind

GOOD = "def answer(question):\n    return sum(question['numbers'])\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of ``sums`` with a short exam and little memory."""
    folder = tmp_path / "s"
    copy("sums", folder)
    limits = 'serve = "answer.py"\nanswer = "1s"\nwall = "8s"\nmemory = "256MiB"'
    edit(
        folder / "study.toml",
        ('serve = "answer.py"', limits),
        ("candidates = 60", "candidates = 8"),
    )
    return folder


def use_replay(folder: Path, lines: list[bytes]) -> None:
    (folder / "ideas.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    toml = (folder / "study.toml").read_text().partition("[proposers]")[0]
    toml += '[proposers]\nreplay = { file = "ideas.jsonl" }\n[budget]\ntrials = 60\n'
    (folder / "study.toml").write_text(toml)


def idea(path: str, text: str | None, hypothesis: str = "an idea") -> bytes:
    return json.dumps({"hypothesis": hypothesis, "files": {path: text}}).encode()


def idea_diff(diff: str) -> bytes:
    return json.dumps({"hypothesis": "a diff", "diff": diff}).encode()


# The study's own files


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("[budget]", "[budgte]")], ["budgte", "did you mean 'budget'"]),
        ([('serve = "', 'sevre = "')], ["exam.sevre", "did you mean 'serve'"]),
        ([('wall = "10m"', 'wall = "10 minutes"')], ["budget.wall", "'15m'"]),
        ([('["answer.py"]', '["anwser.py"]')], ["surfaces.program", "anwser.py"]),
        ([("program =", "programme =")], ["surfaces.programme", "did you mean 'program'"]),
        ([("exam.py:Sums", "exam.py:Smus")], ["Smus", "did you mean 'Sums'"]),
        ([("exam.py:Sums", "axem.py:Sums")], ["there is no file", "axem.py"]),
        ([('primary = "accuracy"', 'primary = "acuracy"')], ["did you mean 'accuracy'"]),
        ([("[study]", "[study")], ["not valid TOML"]),
    ],
    ids=lambda value: value[0][1] if isinstance(value[0], tuple) else "",
)
def test_wrong_study_toml(
    here: Here, study: Path, changes: list[tuple[str, str]], words: list[str]
) -> None:
    edit(study / "study.toml", *changes)
    line = here.error("run", "s")
    assert all(word in line for word in words), line


def test_missing_files(here: Here, study: Path) -> None:
    use_replay(study, [])
    (study / "ideas.jsonl").unlink()
    assert "there is no file" in here.error("run", "s")
    (study / "ideas.jsonl").write_text("")
    (study / "exam.py").rename(study / "axem.py")
    assert "there is no file" in here.error("run", "s")
    (study / "axem.py").rename(study / "exam.py")
    (study / "code" / "answer.py").unlink()
    assert "holds no files" in here.error("run", "s")
    (study / "code").rmdir()
    assert "code cannot be read" in here.error("run", "s")


def test_symlink_in_the_code(here: Here, study: Path) -> None:
    (study / "code" / "secrets").symlink_to("/etc/passwd")
    assert "symlink" in here.error("run", "s")


ITEMS = "for _ in range(24):"
SCORE = "if isinstance(answer, bool)"
PREPARE = """
    @classmethod
    def prepare(cls, public, private):
        (private / "a" / "b").write_text("")

"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("import math", "import math, sys; sys.exit(0)"), ["the exam cannot be loaded"]),
        (("import math", "import maths"), ["the exam cannot be loaded", "maths", "exam.py:3"]),
        (("import math", "import math;;"), ["exam.py:3", "the exam cannot be loaded"]),
        (("    def items", f"{PREPARE}    def items"), ["Sums.prepare raised FileNotFoundError"]),
        (("    metrics =", "    metrics = []; _ ="), ["Sums.metrics is missing or empty"]),
        (("def score", "def scroe"), ["Sums does not define score"]),
    ],
    ids=[
        "exits",
        "does not import",
        "syntax error",
        "raises in prepare",
        "no metrics",
        "no score",
    ],
)
def test_exam_that_cannot_be_used(
    here: Here, study: Path, change: tuple[str, str], words: list[str]
) -> None:
    edit(study / "exam.py", change)
    line = here.error("run", "s", "--workers", "1")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((ITEMS, "for _ in range(1 // 0):"), ["Sums.items raised ZeroDivisionError", "exam.py:"]),
        pytest.param(
            (ITEMS, "for _ in range(0):"),
            ["Sums.items yielded nothing", "at least one item"],
            marks=pytest.mark.slow,
        ),
        (
            (ITEMS, "while True:\n            pass\n        for _ in range(24):"),
            ["items hung", "8 s"],
        ),
        pytest.param(
            (SCORE, "print(item.kee)\n        if isinstance(answer, bool)"),
            ["Sums.score raised", "kee"],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            (SCORE, "return None\n        if isinstance(answer, bool)"),
            ["return a float"],
            marks=pytest.mark.slow,
        ),
        (("return max(", "return math.nan * max("), ["initial code", "non_finite", "nan"]),
    ],
    ids=[
        "raises in items",
        "no items",
        "hangs",
        "raises in score",
        "returns None",
        "returns NaN",
    ],
)
def test_wrong_exam(cli: Cli, study: Path, changes: tuple[str, str], words: list[str]) -> None:
    edit(study / "exam.py", changes)
    line = cli.error("run", "s", "--workers", 1)
    assert all(word in line for word in words), line
    # Nothing has been spent, so a mended exam opens the same study.
    assert bodies(study, Proposed, TrialFinished) == []


def test_mended_exam_opens_the_study(cli: Cli, study: Path) -> None:
    edit(study / "exam.py", (ITEMS, "for _ in range(0):"))
    cli.error("run", "s", "--workers", 1)
    edit(study / "exam.py", ("for _ in range(0):", ITEMS))
    assert "the budget is used up" in cli.ok("run", "s", "--workers", 1)


# Candidates: as initial code, and proposed

BEHAVIOURS: dict[str, tuple[str, FailureKind]] = {
    "crashes": ("raise SystemError('no')\n", K.CRASH),
    "crashes when asked": ("def answer(question):\n    return 1 / 0\n", K.CRASH),
    "exits 0 silently": ("import sys\nsys.exit(0)\n", K.NO_ANSWER),
    "loops": ("def answer(question):\n    while True:\n        pass\n", K.WALL),
    "prints 2 GiB": (
        "def answer(question):\n    for _ in range(2048):\n        print('x' * (1 << 20))\n",
        K.OUTPUT,
    ),
    "returns a huge answer": ("def answer(question):\n    return 'x' * (1 << 22)\n", K.OUTPUT),
    "returns an ill-typed answer": ("def answer(question):\n    return answer\n", K.ILL_TYPED),
    "returns a text": ("def answer(question):\n    return 'seventeen'\n", K.INVALID),
    "has no answer function": ("def anwser(question):\n    return 1\n", K.CRASH),
    "takes all memory": ("def answer(question):\n    return len(bytearray(1 << 31))\n", K.MEMORY),
}


@pytest.mark.parametrize(
    "name",
    [
        "exits 0 silently",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("crashes", "loops", "prints 2 GiB")),
    ],
)
def test_initial_code_that(cli: Cli, study: Path, name: str) -> None:
    text, kind = BEHAVIOURS[name]
    (study / "code" / "answer.py").write_text(text)
    line = cli.error("run", "s", "--workers", 1)
    assert f"the initial code cannot sit the exam: {kind}" in line
    assert bodies(study, TrialFinished) == []


def test_initial_code_with_a_syntax_error(cli: Cli, study: Path) -> None:
    (study / "code" / "answer.py").write_text("def answer(question:\n    return 1\n")
    line = cli.error("run", "s", "--workers", 1)
    assert "the initial code" in line
    assert re.search("SyntaxError.*answer.py, line 1", line)


def test_candidates_that_misbehave_are_failures_and_the_study_goes_on(
    cli: Cli, study: Path
) -> None:
    lines = [idea("answer.py", text, name) for name, (text, _) in BEHAVIOURS.items()]
    use_replay(study, [*lines, idea("answer.py", GOOD, "sum all")])
    out = cli.ok("run", "s")
    assert "nothing more to say" in out
    proposed = {b.hypothesis: b for b in bodies(study, Proposed) if isinstance(b, Proposed)}
    trials = [b.trial for b in bodies(study, TrialFinished) if isinstance(b, TrialFinished)]
    found = {}
    for name in BEHAVIOURS:
        made = proposed[name].candidate
        assert made, name
        (failure,) = [t.failure for t in trials if t.spec.candidate == made.id]
        found[name] = failure.kind if failure else None
    assert found == {name: kind for name, (_, kind) in BEHAVIOURS.items()}
    assert [b.hypothesis for b in bodies(study, Promoted) if isinstance(b, Promoted)][1:] == [
        "sum all"
    ]
    shown = cli.ok("show", "6", "s")
    assert "ill_typed" in shown
    cli.ok("verify", "s")
    cli.ok("report", "s")


SYMLINK = """\
diff --git a/link b/link
new file mode 120000
--- /dev/null
+++ b/link
@@ -0,0 +1 @@
+/etc/passwd
\\ No newline at end of file
"""

PROPOSALS: list[tuple[bytes, FailureKind]] = [
    (b"{", K.MALFORMED),
    (b"[]", K.MALFORMED),
    (b"\xff\xfe", K.MALFORMED),
    (b'{"hypothesis": "x"}', K.MALFORMED),
    (b'{"hypothesis": "", "files": {}}', K.MALFORMED),
    (b'{"hypothesis": "x", "fiels": {}}', K.MALFORMED),
    (b'{"hypothesis": "x", "files": {"answer.py": 5}}', K.MALFORMED),
    (
        b'{"hypothesis": "x", "predicted": {"metric": "accuracy", "effect": NaN}, "files": {}}',
        K.MALFORMED,
    ),
    (b'{"hypothesis": "x", "files": {}}', K.DUPLICATE),
    (idea("exam.py", "import filial"), K.PROTECTED),
    (idea("study.toml", ""), K.PROTECTED),
    (idea("../exam.py", "import filial"), K.UNSAFE),
    (idea("/etc/passwd", ""), K.UNSAFE),
    (idea("answer.py", "a\0b"), K.UNSAFE),
    (idea("answer.py", "#" * (1 << 20)), K.UNSAFE),
    (idea("answer.py", "def answer(:\n"), K.SYNTAX),
    (idea_diff(SYMLINK), K.UNSAFE),
    (idea_diff("--- a/answer.py\n+++ b/answer.py\n@@ -1 +1 @@\n-not there\n+x\n"), K.STALE),
    (idea_diff("no diff at all"), K.MALFORMED),
]


def test_proposals_that_are_refused_without_a_trial(cli: Cli, study: Path) -> None:
    use_replay(study, [*(line for line, _ in PROPOSALS), idea("answer.py", GOOD)])
    assert "nothing more to say" in cli.ok("run", "s", "--workers", 1)
    failures = {
        b.index: b.failure
        for b in bodies(study, Proposed)
        if isinstance(b, Proposed) and b.index >= 0
    }
    assert len(failures) == len(PROPOSALS) + 1
    for k, (line, kind) in enumerate(PROPOSALS):
        failure = failures[k]
        assert failure, line
        assert failure.kind == kind, f"{line[:80]!r}: {failure}"
        assert failure.detail
        assert "\n" not in failure.detail
    assert failures[len(PROPOSALS)] is None
    assert "refused" in cli.ok("log", "s")


# The ground of a study must not shift


def run_shortly(cli: Cli, study: Path) -> None:
    edit(study / "study.toml", ("candidates = 8", "candidates = 4"))
    cli.ok("run", "s", "--workers", 1)


def test_changed_files_are_named(cli: Cli, study: Path) -> None:
    run_shortly(cli, study)
    cases = [
        ("code/answer.py", ("SCALE = 1.2", "SCALE = 1.3"), "code/answer.py"),
        ("exam.py", ("range(24)", "range(25)"), "exam"),
        ("study.toml", ('primary = "accuracy"', 'primary = "accuracy"\ncpu = 30'), "study.toml"),
    ]
    for name, (old, new), word in cases:
        edit(study / name, (old, new))
        line = cli.error("run", "s")
        assert f"{word}" in line.partition("changed since")[0], line
        edit(study / name, (new, old))
    (study / "code" / "more.py").write_text("")
    assert "code/more.py changed" in cli.error("run", "s")
    (study / "code" / "more.py").unlink()
    (study / ".filial" / "secret").rename(study / "secret")
    assert "secret" in cli.error("run", "s").partition("changed since")[0]
    (study / "secret").replace(study / ".filial" / "secret")
    # Budget and oversight may change: that is how a study goes on.
    edit(study / "study.toml", ("candidates = 4", "candidates = 6"))
    summary = json.loads(cli.ok("run", "s", "--json", "--workers", 1))
    assert summary["spend"]["candidates"] == 6


def test_one_flipped_byte_is_found(cli: Cli, study: Path) -> None:
    run_shortly(cli, study)
    ledger = study / ".filial" / "ledger.sqlite"
    whole = ledger.read_bytes()
    seq = 1 + next(k for k, b in enumerate(bodies(study)) if isinstance(b, StudyOpened))
    place = whole.index(b"Estimate the sum of a list")
    flipped = bytearray(whole)
    flipped[place] ^= 1
    ledger.write_bytes(flipped)
    for command in ("verify", "run", "status", "log"):
        assert f"event {seq} does not match its digest" in cli.error(command, "s")
    ledger.write_bytes(whole)
    cli.ok("verify", "s")

    blob = next((study / ".filial" / "blobs").glob("[0-9a-f][0-9a-f]/*"))
    data = bytearray(blob.read_bytes())
    data[0] ^= 1
    blob.write_bytes(data)
    assert blob.parent.name + blob.name in cli.error("verify", "s")

    ledger.write_bytes(b"no database" * 1000)
    assert "ledger.sqlite" in cli.error("verify", "s")
    assert "ledger.sqlite" in cli.error("run", "s")
    assert "ledger.sqlite" in cli.error("status", "s")


EDITS = (
    "UPDATE events SET seq = 9223372036854775807 WHERE seq = (SELECT max(seq) FROM events)",
    "UPDATE events SET seq = -9223372036854775808 WHERE seq = 9",
    "UPDATE events SET at = 9e999 WHERE seq = 9",
    "UPDATE events SET at = -1e308 WHERE seq = 1",
    "UPDATE events SET body = replace(body, ':1', ':1e308') WHERE kind = 'TrialFinished'",
    "UPDATE events SET kind = 'Promoted' WHERE seq = 9",
)


@pytest.mark.slow
def test_an_edited_ledger_is_one_line_in_every_command(cli: Cli, here: Here, study: Path) -> None:
    cli.ok("run", "s", "--workers", "1")
    ledger = study / ".filial" / "ledger.sqlite"
    whole = ledger.read_bytes()
    for statement in EDITS:
        ledger.write_bytes(whole)
        connection = sqlite3.connect(ledger)
        for name in ("events_no_update", "events_no_delete", "events_in_order"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
        connection.commit()
        connection.close()
        for words in (["status"], ["log"], ["show", "F0"], ["report"], ["verify"], ["run"]):
            assert "event " in here.error(*words, "s"), statement


# Disks


def mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, of 8 MiB."""
    if not is_root():
        pytest.skip("only root can mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", folder)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"mounting is not allowed here: {error.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("free_kib", [300, pytest.param(700, marks=pytest.mark.slow)])
def test_full_disk_loses_nothing(small_disk: Path, free_kib: int) -> None:
    cli = Cli(small_disk)
    folder, filler = small_disk / "s", small_disk / "filler"
    copy("sums", folder)
    edit(folder / "study.toml", ("candidates = 60", "candidates = 40"))
    disk = os.statvfs(small_disk)
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - (free_kib << 10)))
    line = cli.error("run", "s", "--workers", 1)
    assert re.search("No space left|disk is full|disk I/O", line), line
    before = bodies(folder)
    assert before
    assert "all blobs and" in cli.ok("verify", "s")

    filler.unlink()
    assert "budget is used up" in cli.ok("run", "s", "--workers", 1)
    assert bodies(folder)[: len(before)] == before
    trials = [b.trial.spec for b in bodies(folder, TrialFinished) if isinstance(b, TrialFinished)]
    assert len(set(trials)) == len(trials), "a trial was counted twice"
    assert "all blobs and" in cli.ok("verify", "s")


def test_no_room_to_begin(small_disk: Path) -> None:
    cli = Cli(small_disk)
    (small_disk / "filler").write_bytes(bytes((8 << 20) - (80 << 10)))
    copy("sums", small_disk / "s")
    line = cli.error("run", "s", "--workers", 1)
    assert re.search("No space left|disk is full", line), line


def test_read_only_folder_can_be_read(small_disk: Path) -> None:
    cli = Cli(small_disk)
    folder = small_disk / "s"
    copy("sums", folder)
    edit(folder / "study.toml", ("candidates = 60", "candidates = 4"))
    mount("-o", "remount,ro", small_disk)
    assert "Read-only file system" in cli.error("run", "s", "--workers", 1)
    assert "Read-only file system" in cli.error("new", "sums", "t")
    assert "not started" in cli.ok("status", "s")
    mount("-o", "remount,rw", small_disk)
    cli.ok("run", "s", "--workers", 1)
    mount("-o", "remount,ro", small_disk)
    line = cli.error("run", "s", "--workers", 1)
    assert "ledger" in line or "Read-only" in line or "readonly" in line
    for command in ("status", "log", "verify"):
        cli.ok(command, "s")
    cli.ok("show", "F0", "s")
    assert "Read-only file system" in cli.error("report", "s")
