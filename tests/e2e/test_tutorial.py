"""The tutorial works as printed: its files are written and its commands run, in order."""

import re
import shlex
import subprocess  # noqa: TID251 - commands are run as a reader runs them
import sys
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def run(line: str, folder: Path) -> str:
    program, *arguments = shlex.split(line)
    command = [sys.executable, "-m", "filial"] if program == "filial" else [program]
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_tutorial(tmp_path: Path) -> None:
    outputs: dict[str, str] = {}
    for language, title, text in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if title:
            path = tmp_path / title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif language == "bash":
            for line in text.splitlines():
                outputs[line] = run(line, tmp_path)
    assert "F1: " in outputs["git -C exponential/lineage.git log main"]
    assert "answer.py" in outputs["filial diff F0 F1 exponential"]
    gain = re.search(r"error \+([\d.e-]+)", outputs["filial compare F0 F1 exponential --seeds 5"])
    assert gain
    assert float(gain[1]) > 0
    assert (tmp_path / "exponential" / "report.html").stat().st_size > 10_000
