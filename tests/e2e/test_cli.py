"""Every command, as a user sees it: output, exit codes, signals."""

import json
import os
import pty
import re
import select
import signal
import subprocess  # noqa: TID251 - commands are run as a user runs them
import sys
import time
from pathlib import Path

import pytest
from conftest import COMMAND, Cli, bodies, descendants, edit, is_alive, until

from filial.core import ApprovalGiven, Promoted, RunStopped, VerdictReached
from filial.errors import LedgerError
from filial.kits import copy

SUMMARY_KEYS = {
    "generation",
    "candidates",
    "verdicts",
    "placebos",
    "canaries",
    "incumbent",
    "metric",
    "spend",
}
EXEC_KEYS = {
    "level",
    "rc",
    "wall_s",
    "cpu_s",
    "memory_peak_bytes",
    "ended_by",
    "stdout",
    "stderr",
}

SLOW_ANSWER = """
import time

def answer(question):
    time.sleep(0.1)
    return 1.0 * sum(question["numbers"])
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small finished study with at least one promotion; tests only read it."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    cli = Cli(folder.parent)
    cli.ok("new", "sums", "study")
    edit(folder / "study.toml", ("candidates = 60", "candidates = 16"))
    assert "the budget is used up" in cli.ok("run", "study")
    return folder


def make_endless(folder: Path) -> None:
    """Makes a study whose trials take seconds each, so that it is surely met running."""
    copy("sums", folder)
    (folder / "code" / "answer.py").write_text(SLOW_ANSWER)


def n_events(folder: Path) -> int:
    try:
        return len(bodies(folder))
    except LedgerError:  # not made yet
        return 0


# new, kits


def test_new_says_what_is_next(cli: Cli, tmp_path: Path) -> None:
    out = cli.ok("new", "sums", "mine", "--seed", 7)
    assert "filial run mine" in out
    assert "seed = 7" in (tmp_path / "mine" / "study.toml").read_text()
    assert "not empty" in cli.error("new", "sums", "mine")
    line = cli.error("new", "sum", "other")
    assert "sums" in line
    assert not (tmp_path / "other").exists()


def test_kits_lists_every_kit(cli: Cli) -> None:
    out = cli.ok("kits")
    assert all(kit in out for kit in ("bytelm", "circles", "sums"))


# run


def test_run_prints_lines_and_what_is_next(cli: Cli, finished: Path) -> None:
    done = cli("run", finished)
    assert done.returncode == 0
    assert "raise budget.candidates" in done.stdout
    assert f"filial report {finished}" in done.stdout
    assert "\x1b" not in done.stdout


def test_run_json_is_one_line_with_exactly_these_keys(cli: Cli, finished: Path) -> None:
    out = cli.ok("run", finished, "--json")
    assert out.count("\n") == 1
    summary = json.loads(out)
    assert set(summary) == SUMMARY_KEYS
    assert set(summary["verdicts"]) == {"promote", "reject", "undecided", "void"}
    assert set(summary["placebos"]) == {"run", "promoted"}
    assert set(summary["metric"]) == {"baseline", "incumbent", "lower", "upper"}
    assert summary["generation"] >= 1
    assert summary["spend"]["candidates"] == 16
    assert summary["metric"]["incumbent"] > summary["metric"]["baseline"]
    status = json.loads(cli.ok("status", finished, "--json"))
    trust = status.pop("trust")
    assert summary == status
    assert trust["answer"] in {"yes", "not yet", "no"}
    assert trust["line"].startswith(trust["answer"])


def test_run_works_without_dir_in_the_studys_folder(finished: Path) -> None:
    assert "budget is used up" in Cli(finished).ok("run")


def test_second_run_is_refused(cli: Cli, tmp_path: Path) -> None:
    make_endless(tmp_path / "s")
    with cli.started("run", "s") as first:
        until(lambda: n_events(tmp_path / "s") > 5, "the first run has begun")
        for words in (["run", "s"], ["compare", "F0", "F0", "s"]):
            line = cli.error(*words)
            assert str(first.pid) in line
            assert "stop" in line
        # Readers are welcome.
        assert "running" in cli.ok("status", "s")
        assert "F0" in cli.ok("show", "F0", "s")
        assert "all blobs and" in cli.ok("verify", "s")
        assert first.poll() is None


# stop, Ctrl-C


@pytest.mark.parametrize("now", [False, True], ids=["asked", "now"])
def test_stop_ends_it_and_leaves_nothing_behind(cli: Cli, tmp_path: Path, now: bool) -> None:
    folder = tmp_path / "s"
    make_endless(folder)
    with cli.started("run", "s") as run:
        until(lambda: n_events(tmp_path / "s") > 5, "trials run")
        family = descendants(run.pid)
        out = cli.ok("stop", "s", *(["--now"] if now else []))
        assert str(run.pid) in out
        if now:
            assert not is_alive(run.pid), "it was said to have ended"
        # Told to end now, a run on a busy machine may not get as far as its last words.
        assert run.wait(60) in ((143, -signal.SIGKILL) if now else (0,))
        until(lambda: not any(map(is_alive, family)), "all its processes are gone", 10)
        assert run.stdout is not None
        assert run.returncode < 0 or "filial run s" in run.stdout.read()
    assert "no run to stop" in cli.ok("stop", "s")
    assert not (folder / ".filial" / "stop").exists()


def test_stop_now_kills_what_does_not_react(cli: Cli, tmp_path: Path) -> None:
    make_endless(tmp_path / "s")
    with cli.started("run", "s") as run:
        until(lambda: n_events(tmp_path / "s") > 5, "trials run")
        family = descendants(run.pid)
        run.send_signal(signal.SIGSTOP)
        out = cli.ok("stop", "s", "--now")
        assert "has ended" in out
        assert run.wait(60) == -signal.SIGKILL
        until(lambda: not any(map(is_alive, family)), "all its processes are gone", 10)
    assert "all blobs and" in cli.ok("verify", "s")


def test_interrupted_run_says_how_to_continue_and_does(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    copy("sums", folder)
    edit(folder / "study.toml", ("candidates = 60", "candidates = 30"))
    with cli.started("run", "s") as run:
        until(lambda: n_events(folder) > 10, "it is under way")
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert err == ""
    assert out.splitlines()[-1].endswith("Go on: filial run s")
    before = n_events(folder)
    (reason,) = [b.reason for b in bodies(folder, RunStopped) if isinstance(b, RunStopped)]
    assert reason == "stopped by SIGINT"
    summary = json.loads(cli.ok("run", "s", "--json"))
    assert summary["spend"]["candidates"] == 30
    assert n_events(folder) > before
    assert not list((folder / ".filial" / "scratch").glob("tmp*")), "killed trials left files"


def test_json_run_that_is_interrupted_still_prints_its_line(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    copy("sums", folder)
    with cli.started("run", "s", "--json") as run:
        until(lambda: n_events(folder) > 5, "it is under way")
        run.send_signal(signal.SIGTERM)
        out, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (143, "")
    assert set(json.loads(out)) == SUMMARY_KEYS


# looking at it


def test_status_of_a_study_that_never_ran(cli: Cli) -> None:
    cli.ok("new", "sums", "fresh")
    assert "not started" in cli.ok("status", "fresh")
    assert json.loads(cli.ok("status", "fresh", "--json"))["generation"] is None
    assert "no candidate yet" in cli.ok("log", "fresh")
    assert "nothing yet" in cli.error("show", "F0", "fresh")
    assert "filial run" in cli.error("verify", "fresh")
    assert "wrote" in cli.ok("report", "fresh")


def test_status_and_log(cli: Cli, finished: Path) -> None:
    out = cli.ok("status", finished)
    assert "16 of 16" in out
    assert "Can I trust this study?" in out
    assert "Placebos" in out
    verdicts = [b for b in bodies(finished, VerdictReached) if isinstance(b, VerdictReached)]
    listed = cli.ok("log", finished, "--last", 100)
    assert listed.count("PROMOTE") >= 1
    assert "duplicate" in listed or "refused" not in listed
    assert len(cli.ok("log", finished, "-n", 2).splitlines()) < len(listed.splitlines())
    assert verdicts


def test_show_finds_generation_proposal_and_short_id(cli: Cli, finished: Path) -> None:
    promoted = [b.generation for b in bodies(finished, Promoted) if isinstance(b, Promoted)]
    first = promoted[1]
    by_name = cli.ok("show", "F1", finished)
    assert first.candidate in by_name
    assert "diff --git" in by_name
    assert "verdict" in by_name
    assert cli.ok("show", first.candidate[:7], finished) == by_name
    listed = re.search(r"^ *(\d+) \w+ +PROMOTE", cli.ok("log", finished, "-n", 99), re.MULTILINE)
    assert listed
    assert "PROMOTE" in cli.ok("show", listed[1], finished)


@pytest.mark.parametrize("which", ["F99", "9999", "zzzz", "F²", ""])
def test_show_of_nothing(cli: Cli, finished: Path, which: str) -> None:
    assert "filial log" in cli.error("show", which, finished)


def test_diff_is_a_unified_diff(cli: Cli, finished: Path) -> None:
    out = cli.ok("diff", "F0", "F1", finished)
    assert out.startswith("diff --git a/answer.py b/answer.py")
    assert "\n@@ " in out
    assert cli.ok("diff", "F1", "F1", finished) == ""


def test_report_is_one_file(cli: Cli, finished: Path, tmp_path: Path) -> None:
    out = cli.ok("report", finished, "-o", tmp_path / "r.html")
    assert "r.html" in out
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script src" not in text
    assert "Estimate the sum of a list of numbers" in text
    line = cli.error("report", finished, "-o", tmp_path / "no" / "r.html")
    assert "No such file or directory" in line


def test_verify_and_compare(cli: Cli, finished: Path) -> None:
    before = int(cli.ok("verify", finished).split()[0])
    out = cli.ok("compare", "F0", "F1", finished, "--seeds", 2)
    gain = re.search(r"accuracy \+([\d.]+) share \[.*\], n = 2", out)
    assert gain
    assert float(gain[1]) > 0
    # The look is on record: a session, four trials, the comparison.
    assert int(cli.ok("verify", finished).split()[0]) == before + 7
    spend = json.loads(cli.ok("status", finished, "--json"))["spend"]
    assert spend["sealed_looks"] == 4
    assert "generation" in cli.error("compare", "F0", "F99", finished)


def test_a_reader_that_leaves_is_no_error(finished: Path) -> None:
    line = f"{sys.executable} -m filial diff F0 F1 {finished} | head -c 1"
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "d"
    assert done.stderr == ""


# sandbox


def test_sandbox_check(cli: Cli) -> None:
    done = cli("sandbox", "check")
    assert "run a benign program" in done.stdout
    assert done.returncode == (0 if "best level: L" in done.stdout else 1)


def test_sandbox_exec_passes_everything_on(cli: Cli) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    done = cli("sandbox", "exec", "--", "python", "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")


def test_sandbox_exec_needs_no_dashes(cli: Cli) -> None:
    done = cli("sandbox", "exec", "python", "-c", "import sys; print(sys.argv[1:])", "--json")
    assert done.stdout == "['--json']\n"


@pytest.mark.parametrize("level", ["L2", None])
def test_sandbox_exec_json(cli: Cli, tmp_path: Path, level: str | None) -> None:
    (tmp_path / "note").write_text("secret of the day")
    reading = "import sys; print(open(sys.argv[1]).read()); open(sys.argv[1], 'w')"
    words = [
        "sandbox",
        "exec",
        "--json",
        "--input",
        "note",
        *(["--level", level] if level else []),
    ]
    done = cli(*words, "python", "-c", reading, "/in/note")
    record = json.loads(done.stdout)
    assert set(record) == EXEC_KEYS
    assert record["rc"] == done.returncode == 1
    assert record["ended_by"] == "exit"
    assert record["stdout"] == "secret of the day\n"
    assert re.search("PermissionError|Read-only", record["stderr"])
    assert record["level"] == (level or record["level"])
    assert (tmp_path / "note").read_text() == "secret of the day"


def test_sandbox_exec_exit_codes(cli: Cli) -> None:
    assert cli("sandbox", "exec", "no-such-program").returncode == 127
    done = cli("sandbox", "exec", "python", "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 137


def test_sandbox_exec_refuses_two_inputs_of_one_name(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    words = ["sandbox", "exec", "--input", "a/x", "--input", "b/x", "true"]
    assert "one name" in cli.error(*words)


# questions


def converse(command: list[str], folder: Path, answers: list[bytes]) -> tuple[int, str]:
    """Runs a command on a terminal of its own; answers each question; returns code and screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(command[0], command)  # noqa: S606 - a terminal of its own is the point
    screen, deadline = b"", time.monotonic() + 120
    pending = list(answers)
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        screen += part
        if screen.count(b"[y/N]") > len(answers) - len(pending) and pending:
            os.write(terminal, pending.pop(0))
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def make_asking(folder: Path) -> None:
    """A study with one proposal, which is an improvement."""
    copy("sums", folder)
    better = "def answer(question):\n    return sum(question['numbers'])\n"
    record = {"hypothesis": "sum all", "predicted": None, "files": {"answer.py": better}}
    (folder / "ideas.jsonl").write_text(json.dumps(record) + "\n")
    toml = (folder / "study.toml").read_text().partition("[proposers]")[0]
    toml += '[proposers]\nreplay = { file = "ideas.jsonl" }\n[budget]\ntrials = 60\n'
    toml += '[oversight]\nautonomy = "ask"\n'
    (folder / "study.toml").write_text(toml)


def approvals(folder: Path) -> list[bool]:
    return [
        b.approval.granted for b in bodies(folder, ApprovalGiven) if isinstance(b, ApprovalGiven)
    ]


@pytest.mark.parametrize(
    ("typed", "granted"),
    [(b"y\n", True), (b"n\n", False), (b"\x04", False)],
    ids=["y", "n", "eof"],
)
def test_a_person_is_asked_in_the_terminal(tmp_path: Path, typed: bytes, granted: bool) -> None:
    make_asking(tmp_path / "s")
    code, screen = converse([*COMMAND, "run", "s"], tmp_path, [typed])
    assert code == 0, screen
    assert approvals(tmp_path / "s") == [granted]
    assert ("F1" in screen) == granted
    # The question stands on lines of its own, below the display, which goes on below it.
    assert re.search(r"╯\s*\S*gain [^\n]*\n[^\n]*Promote \w+\? \[y/N\]", screen)


def test_ctrl_c_at_the_question_decides_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    make_asking(folder)
    code, screen = converse([*COMMAND, "run", "s"], tmp_path, [b"\x03"])
    assert code == 130, screen
    assert "Go on: filial run s" in screen
    assert "Traceback" not in screen
    assert approvals(folder) == []
    code, screen = converse([*COMMAND, "run", "s"], tmp_path, [b"y\n"])
    assert code == 0, screen
    assert approvals(folder) == [True]


def test_no_terminal_no_approval(cli: Cli, tmp_path: Path) -> None:
    make_asking(tmp_path / "s")
    done = cli("run", "s", "--json")
    assert json.loads(done.stdout)["generation"] == 0
    assert "[y/N]" in done.stderr
    assert approvals(tmp_path / "s") == [False]


def test_an_answer_from_a_pipe_counts(cli: Cli, tmp_path: Path) -> None:
    make_asking(tmp_path / "s")
    done = cli("run", "s", "--json", stdin="yes\n")
    assert json.loads(done.stdout)["generation"] == 1
