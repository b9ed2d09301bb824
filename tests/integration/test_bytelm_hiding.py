"""No text that bytelm's exam asks about can be read inside its sandbox, licences aside."""

import re
from pathlib import Path

import numpy as np
import pytest

from filial.exams import load_exam
from filial.kits import copy
from filial.sandboxes import Command, Level, Limits, at, execute

SNIPPET = 80
N_SNIPPETS = 400
BOILERPLATE = re.compile(rb"(?i:licen|copyr|warr)|[A-Z]{4}")

SCAN = """
import os, sys
needles = []
blob = open("/in/needles", "rb").read()
for i in range(0, len(blob), 80):
    needles.append(blob[i:i + 80])
n_files = 0
for top in os.listdir("/"):
    for folder, _, names in os.walk("/" + top) if top not in ("proc", "sys", "dev", "in") else ():
        for name in names:
            path = os.path.join(folder, name)
            try:
                if os.path.getsize(path) > 4 << 20 or name.endswith((".so", ".a")):
                    continue
                text = open(path, "rb").read()
            except OSError:
                continue
            n_files += 1
            for needle in needles:
                if needle in text:
                    print(path, needle)
print("scanned", n_files)
"""


@pytest.mark.torch
def test_hidden_text_is_nowhere_in_the_sandbox(tmp_path: Path) -> None:
    copy("bytelm", tmp_path / "study")
    public, private = tmp_path / "public", tmp_path / "private"
    public.mkdir()
    private.mkdir()
    exam = load_exam("exam.py:NextByte", tmp_path / "study")
    exam.prepare(public, private)
    rng = np.random.default_rng(0)
    needles = bytearray()
    for name in ("dev", "confirm", "sealed", "packages"):
        text = (private / f"{name}.bin").read_bytes()
        for start in rng.integers(len(text) - SNIPPET, size=N_SNIPPETS // 4).tolist():
            snippet = text[start : start + SNIPPET]
            # Words only: blank lines, rules and licence boilerplate stand in many files.
            if len(set(snippet)) > 14 and not BOILERPLATE.search(snippet):
                needles += snippet
    assert len(needles) > SNIPPET * N_SNIPPETS // 2
    (tmp_path / "needles").write_bytes(needles)
    (tmp_path / "code").mkdir()
    outcome = execute(
        at(Level.L3),
        Command(
            argv=("python", "-c", SCAN),
            code=tmp_path / "code",
            data=public,
            inputs={"needles": tmp_path / "needles"},
            masks=exam.masks(private),
            limits=Limits(wall_s=500, cpu_s=500, memory_bytes=1 << 30),
        ),
    )
    found = outcome.stdout.decode(errors="replace")
    assert "scanned" in found, outcome
    assert int(found.rsplit(" ", 1)[1]) > 1000, "the scan saw hardly any file"
    leaks = [line for line in found.splitlines() if not line.startswith("scanned")]
    constants = [line for line in leaks if ".pyc " in line]
    assert leaks == constants, "\n".join(leaks)
    assert len(constants) <= N_SNIPPETS // 50, "bytecode keeps string constants, but few"
