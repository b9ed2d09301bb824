"""What a study's file may say, and what is said about one that is wrong."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from filial.config import Settings, load
from filial.core import Budget, Judged
from filial.errors import ConfigError

STUDY = """\
[study]
name = "sums"
goal = "Be better"
[surfaces]
program = ["answer.py"]
[exam]
class = "exam.py:Sums"
primary = "accuracy"
[proposers]
operators = {}
"""
BUILD = '[build]\ncommand = ["python", "train.py"]\ncpu_s = 45\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    """The message about ``text``, without the path that it begins with."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def with_exam(line: str) -> str:
    return STUDY.replace("[proposers]", f"{line}\n[proposers]")


def test_the_shortest_study_has_defaults_right_for_most(tmp_path: Path) -> None:
    settings = load(write(tmp_path, STUDY))
    assert settings.study.seed == 0
    assert settings.build is None
    exam = settings.exam
    assert (exam.judged, exam.serve) == (Judged.RECIPE, "answer.py")
    assert (exam.answer, exam.cpu, exam.wall, exam.memory) == (10.0, 60.0, 300.0, 2 << 30)
    assert (exam.guards, exam.shift, exam.tolerances) == ((), (), {})
    assert settings.proposers["operators"].share == 1.0
    assert settings.archive.kind == "incumbent"
    gate = settings.gate
    assert (gate.fdr, gate.min_pairs, gate.max_pairs, gate.screen_sigmas) == (0.1, 3, 16, 1.0)
    assert (settings.screen.rungs, settings.screen.survivors) == ((), 0.05)
    assert settings.budget.ceilings() == Budget()
    assert (settings.oversight.autonomy, settings.oversight.generations) == ("envelope", 20)
    assert settings.sandbox.minimum == "L3"
    assert settings.run.batch == 4


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = STUDY.replace("[exam]", BUILD + '[exam]\njudged = "artifact"\nguards = ["peak_memory"]')
    text += '[budget]\nwall = "8h"\ncpu = "2d"\ntrials = 5\ncandidates = 6\n'
    settings = load(write(tmp_path, text))
    assert settings.build is not None
    assert settings.build.command == ("python", "train.py")
    assert settings.build.wall_limit_s == 4 * 45 + 30
    assert settings.exam.judged is Judged.ARTIFACT
    assert settings.exam.guards == ("peak_memory",)
    assert settings.budget.ceilings() == Budget(
        wall_s=28800.0, cpu_s=172800.0, trials=5, candidates=6
    )


def test_an_own_wall_limit_counts(tmp_path: Path) -> None:
    settings = load(write(tmp_path, STUDY + BUILD + 'wall_s = "1m"\n'))
    assert settings.build is not None
    assert settings.build.wall_limit_s == 60


@pytest.mark.parametrize(
    ("line", "fraction", "limit_s"),
    [
        ("", 1.0, 210),  # 4 * 45, and 30 for a busy machine
        ("", 0.5, 120),
        ("", 0.1, 48),
        ("wall_s = 130\n", 0.4, 70),
        ("wall_s = 130\n", 1.0, 130),
        ("wall_s = 20\n", 0.4, 20),
    ],
)
def test_a_shorter_build_keeps_the_slack_of_the_wall_limit(
    tmp_path: Path, line: str, fraction: float, limit_s: float
) -> None:
    settings = load(write(tmp_path, STUDY + BUILD + line))
    assert settings.build is not None
    assert settings.build.wall_limit_of(fraction) == pytest.approx(limit_s)


def test_rungs(tmp_path: Path) -> None:
    screen = load(
        write(tmp_path, STUDY + BUILD + "[screen]\nrungs = [0.1, 0.5]\nsurvivors = 0\n")
    ).screen
    assert (screen.rungs, screen.survivors) == ((0.1, 0.5), 0.0)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("rungs = [0.5, 0.1]", "screen.rungs: [0.5, 0.1] must rise from each to the next"),
        ("rungs = [0.5, 0.5]", "screen.rungs: [0.5, 0.5] must rise from each to the next"),
        ("rungs = [0.0]", "screen.rungs.0: input should be greater than 0"),
        ("rungs = [0.1, 1.0]", "screen.rungs.1: input should be less than 1"),
        ("rungs = [nan]", "screen.rungs.0: input should be a finite number"),
        ("rungs = 0.5", "screen.rungs: input should be a valid tuple"),
        (
            "rungs = [0.1, 0.2, 0.3, 0.4]",
            "screen.rungs: tuple should have at most 3 items after validation, not 4",
        ),
        ("survivors = 0.6", "screen.survivors: input should be less than or equal to 0.5"),
        ("survivors = -0.1", "screen.survivors: input should be greater than or equal to 0"),
        ("rung = [0.5]", "unknown key 'screen.rung'; did you mean 'rungs'?"),
    ],
)
def test_a_wrong_screen(tmp_path: Path, lines: str, message: str) -> None:
    assert complaint(tmp_path, f"{STUDY}{BUILD}[screen]\n{lines}\n") == message


def test_rungs_need_a_build_that_can_be_shortened(tmp_path: Path) -> None:
    assert complaint(tmp_path, f"{STUDY}[screen]\nrungs = [0.5]\n") == (
        "screen.rungs: these are shares of a build's time, and without [build] there is none"
    )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [('"90s"', 90), ('"15m"', 900), ('"1.5h"', 5400), ('"2 d"', 172800), ("30", 30), ("0.5", 0.5)],
)
def test_durations(tmp_path: Path, value: str, seconds: float) -> None:
    assert load(write(tmp_path, with_exam(f"wall = {value}"))).exam.wall == seconds


@pytest.mark.parametrize(
    ("value", "n_bytes"),
    [
        ('"100B"', 100),
        ('"1KiB"', 1024),
        ('"512MiB"', 512 * 1024**2),
        ('"1.5GiB"', 3 * 1024**3 // 2),
        ('"0.1GiB"', 107374182),
        ("4096", 4096),
    ],
)
def test_sizes(tmp_path: Path, value: str, n_bytes: int) -> None:
    assert load(write(tmp_path, with_exam(f"memory = {value}"))).exam.memory == n_bytes


@pytest.mark.parametrize("value", ["1 fortnight", "1hour", "h", "", "-1s", "1e3s", "1", "1s 2m"])
def test_no_duration(tmp_path: Path, value: str) -> None:
    assert complaint(tmp_path, with_exam(f'answer = "{value}"')) == (
        f"exam.answer: {value!r} is not a duration such as '90s', '15m' or '8h'"
    )


@pytest.mark.parametrize("value", ["2GB", "2gib", "2", "GiB"])
def test_no_size(tmp_path: Path, value: str) -> None:
    assert complaint(tmp_path, with_exam(f'memory = "{value}"')) == (
        f"exam.memory: {value!r} is not a size such as '512MiB' or '2GiB'"
    )


UNKNOWN = [
    ("[surfaces]", "[surfacs]", "unknown key 'surfacs'; did you mean 'surfaces'?"),
    ("name =", "nam =", "unknown key 'study.nam'; did you mean 'name'?"),
    ("program =", "programm =", "unknown key 'surfaces.programm'; did you mean 'program'?"),
    ("class =", "clas =", "unknown key 'exam.clas'; did you mean 'class'?"),
    ("class =", "class_ =", "unknown key 'exam.class_'; did you mean 'class'?"),
    ("operators =", "operator =", "unknown key 'proposers.operator'; did you mean 'operators'?"),
    (
        "operators = {}",
        "operators = { shar = 1 }",
        "unknown key 'proposers.operators.shar'; did you mean 'share'?",
    ),
    (
        "operators = {}",
        "qqq = {}",
        (
            "unknown key 'proposers.qqq'; "
            "known: api, canary, control, local, operators, placebo, replay"
        ),
    ),
    (
        "program =",
        "zzz =",
        (
            "unknown key 'surfaces.zzz'; known: architecture, data, exam, loss, optimizer, "
            "policy, program, training"
        ),
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), UNKNOWN, ids=[new for _, new, _ in UNKNOWN])
def test_an_unknown_key_names_the_nearest(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert complaint(tmp_path, STUDY.replace(old, new)) == message


@pytest.mark.parametrize(
    ("table", "key", "nearest"),
    [
        ("archive", "island", "islands"),
        ("gate", "fdrr", "fdr"),
        ("budget", "candidate", "candidates"),
        ("oversight", "autonmy", "autonomy"),
        ("sandbox", "min", "minimum"),
        ("run", "batches", "batch"),
    ],
)
def test_an_unknown_key_of_an_optional_table(
    tmp_path: Path, table: str, key: str, nearest: str
) -> None:
    message = complaint(tmp_path, f"{STUDY}[{table}]\n{key} = 1\n")
    assert message == f"unknown key '{table}.{key}'; did you mean {nearest!r}?"


def test_an_unknown_key_of_build(tmp_path: Path) -> None:
    message = complaint(tmp_path, STUDY + BUILD + 'memmory = "1GiB"\n')
    assert message == "unknown key 'build.memmory'; did you mean 'memory'?"


def test_an_unknown_table_like_nothing_lists_them_all(tmp_path: Path) -> None:
    assert complaint(tmp_path, STUDY + "[qqq]\na = 1\n") == (
        "unknown key 'qqq'; known: archive, budget, build, exam, gate, oversight, proposers, run, "
        "sandbox, screen, study, surfaces"
    )


def test_the_nearest_key_is_known_in_every_table(tmp_path: Path) -> None:
    """No table is forgotten above: each one, misspelt by a letter, is put right."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            known = [f.alias or key for key, f in field.annotation.model_fields.items()]
            header = f"[{name}]\n"
            text = STUDY if header in STUDY else STUDY + header
            for key in known:
                message = complaint(tmp_path, text.replace(header, f"{header}{key}q = 1\n"))
                assert message == f"unknown key '{name}.{key}q'; did you mean {key!r}?"


WRONG = [
    ('name = "sums"', 'name = "two words"', "study.name: string should match pattern "),
    ('name = "sums"', 'name = "../up"', "study.name: string should match pattern "),
    ('name = "sums"\n', "", "study.name: field required"),
    ('name = "sums"', 'name = "sums"\nseed = -1', "study.seed: input should be greater than or "),
    ('program = ["answer.py"]', "", "surfaces: dictionary should have at least 1 item"),
    ('["answer.py"]', '"answer.py"', "surfaces.program: input should be a valid tuple"),
    ("exam.py:Sums", "exam:Sums", "exam.class: string should match pattern "),
    ("exam.py:Sums", "exam.py", "exam.class: string should match pattern "),
    ("operators = {}", "", "proposers: dictionary should have at least 1 item"),
    ("{}", "{ share = 0 }", "proposers.operators.share: input should be greater than 0"),
    ("{}", "{ share = 1.5 }", "proposers.operators.share: input should be less than or equal "),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=[f"{m}{n}" for _, n, m in WRONG])
def test_a_wrong_value(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert complaint(tmp_path, STUDY.replace(old, new)).startswith(message)


WRONG_IN_EXAM = [
    ('judged = "recipes"', "judged: input should be 'recipe', 'artifact' or 'construction'"),
    ('answer = "0s"', "answer: input should be greater than 0"),
    ("wall = inf", "wall: input should be a finite number"),
    ("wall = nan", "wall: input should be a finite number"),
    ("memory = inf", "memory: input should be a finite number"),
    ('memory = "0.3B"', "memory: input should be greater than 0"),
    ("memory = 0", "memory: input should be greater than 0"),
    ("tolerances = { speed = -0.1 }", "tolerances.speed: input should be greater than or equal "),
    ("tolerances = { speed = nan }", "tolerances.speed: input should be a finite number"),
]


@pytest.mark.parametrize(("line", "message"), WRONG_IN_EXAM)
def test_a_wrong_value_in_exam(tmp_path: Path, line: str, message: str) -> None:
    assert complaint(tmp_path, with_exam(line)).startswith(f"exam.{message}")


WRONG_ELSEWHERE = [
    ('[archive]\nkind = "best"', "archive.kind: input should be 'incumbent' or 'islands'"),
    ("[archive]\nislands = 65", "archive.islands: input should be less than or equal to 64"),
    ("[gate]\nfdr = 0", "gate.fdr: input should be greater than 0"),
    ("[gate]\nfdr = 0.6", "gate.fdr: input should be less than or equal to 0.5"),
    ("[gate]\nmin_pairs = 1", "gate.min_pairs: input should be greater than or equal to 2"),
    ("[gate]\nscreen_sigmas = inf", "gate.screen_sigmas: input should be a finite number"),
    ("[budget]\ncandidates = 0", "budget.candidates: input should be greater than or equal to 1"),
    ("[budget]\nwall = [1]", "budget.wall: input should be a valid number"),
    (
        '[oversight]\nautonomy = "full"',
        "oversight.autonomy: input should be 'suggest', 'ask', 'envelope' or 'free-within-budget'",
    ),
    (
        '[sandbox]\nminimum = "L0"',
        "sandbox.minimum: input should be 'L1', 'L2', 'L3', 'L4' or 'L5'",
    ),
    ("[run]\nbatch = 65", "run.batch: input should be less than or equal to 64"),
    ("[build]\ncpu_s = 1", "build.command: field required"),
    ("[build]\ncommand = []\ncpu_s = 1", "build.command: tuple should have at least 1 item"),
    ('[build]\ncommand = ["a"]', "build.cpu_s: field required"),
]


@pytest.mark.parametrize(("lines", "message"), WRONG_ELSEWHERE)
def test_a_wrong_value_elsewhere(tmp_path: Path, lines: str, message: str) -> None:
    assert complaint(tmp_path, f"{STUDY}{lines}\n").startswith(message)


TOGETHER = [
    (
        "placebo = {}\ncontrol = { share = 0.5 }",
        "proposers: placebo, control and canary alone improve nothing",
    ),
    ("placebo = {}", "proposers: placebo, control and canary alone improve nothing"),
    (
        'operators = {}\nreplay = { file = "p.jsonl" }',
        "proposers: replay runs alone; remove the others",
    ),
    ("replay = {}", "proposers.replay: needs file = 'proposals.jsonl'"),
    ('operators = { file = "p.jsonl" }', "proposers.operators: file is for replay only"),
    (
        "operators = {}\n[gate]\nmin_pairs = 5\nmax_pairs = 4",
        "gate: max_pairs is smaller than min_pairs",
    ),
    ("operators = {}\n[gate]\nmin_pairs = 17", "gate: max_pairs is smaller than min_pairs"),
]


@pytest.mark.parametrize(("lines", "message"), TOGETHER)
def test_rules_that_span_tables(tmp_path: Path, lines: str, message: str) -> None:
    assert complaint(tmp_path, STUDY.replace("operators = {}", lines)) == message


@pytest.mark.parametrize(
    "lines", ['replay = { file = "p.jsonl" }', "operators = {}\nplacebo = {}\ncontrol = {}"]
)
def test_what_the_spanning_rules_let_through(tmp_path: Path, lines: str) -> None:
    assert load(write(tmp_path, STUDY.replace("operators = {}", lines)))


def test_a_folder_that_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "study.toml")
    assert str(caught.value) == (
        f"{tmp_path} is no study: it has no study.toml; make one with: filial new KIT DIR"
    )


def test_no_toml(tmp_path: Path) -> None:
    assert re.match(r"not valid TOML: .*line 1", complaint(tmp_path, "[study\n"))


def test_a_key_given_twice(tmp_path: Path) -> None:
    assert complaint(tmp_path, STUDY + "[study]\n").startswith("not valid TOML: ")


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(STUDY.replace("Be better", "Schöner").encode("latin-1"))
    with pytest.raises(ConfigError, match="cannot be read: 'utf-8' codec can't decode"):
        load(path)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "study.toml").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read: .*directory"):
        load(tmp_path / "study.toml")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(write(tmp_path, STUDY))
    with pytest.raises(ValueError, match="frozen"):
        settings.exam.primary = "speed"


CHANGES = {
    "study": STUDY.replace("Be better", "Be best"),
    "surfaces": STUDY.replace("answer.py", "*.py"),
    "build": STUDY + BUILD,
    "exam": with_exam("answer = 11"),
    "proposers": STUDY.replace("{}", "{ share = 0.5 }"),
    "archive": STUDY + '[archive]\nkind = "islands"\n',
    "gate": STUDY + "[gate]\nfdr = 0.05\n",
    "screen": STUDY + "[screen]\nsurvivors = 0.1\n",
    "budget": STUDY + "[budget]\ntrials = 7\n",
    "oversight": STUDY + '[oversight]\nautonomy = "ask"\n',
    "sandbox": STUDY + '[sandbox]\nminimum = "L4"\n',
    "run": STUDY + "[run]\nbatch = 1\n",
}


def test_the_digest_covers_all_but_budget_and_oversight(tmp_path: Path) -> None:
    assert set(CHANGES) == set(Settings.model_fields)
    before = load(write(tmp_path, STUDY)).digest()
    digests = {table: load(write(tmp_path, text)).digest() for table, text in CHANGES.items()}
    unchanged = {table for table, digest in digests.items() if digest == before}
    assert unchanged == {"budget", "oversight"}
    assert len(set(digests.values())) == len(CHANGES) - len(unchanged) + 1
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests.values())


def test_the_digest_is_about_meaning_not_spelling(tmp_path: Path) -> None:
    before = load(write(tmp_path, with_exam("answer = 60"))).digest()
    assert load(write(tmp_path, "# a note\n" + with_exam('answer = "1m"'))).digest() == before


@pytest.mark.parametrize("surface", ["exam", "policy"])
def test_surfaces_that_need_a_gate_of_their_own_are_refused(tmp_path: Path, surface: str) -> None:
    said = complaint(tmp_path, STUDY.replace("program =", f"{surface} ="))
    assert said == f"surfaces.{surface}: improving it is not possible yet"


def test_constructions_have_no_gate_table(tmp_path: Path) -> None:
    text = with_exam('judged = "construction"') + "[gate]\nfdr = 0.1\n"
    said = complaint(tmp_path, text)
    assert said == "gate: constructions are verified exactly; remove the table"


@pytest.mark.parametrize(
    "line",
    ['cpu = "9999999999999999999d"', 'memory = "9999999999GiB"', r'serve = "a\u0000.py"'],
)
def test_absurd_values_are_refused_in_one_line(tmp_path: Path, line: str) -> None:
    assert complaint(tmp_path, with_exam(line)).startswith("exam.")


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    assert "nested too deeply" in complaint(tmp_path, "x = " + "[" * 5000)
