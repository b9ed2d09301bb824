"""No text that bytelm's exam asks about can be read inside its sandbox."""

import re
from pathlib import Path

import numpy as np
import pytest

from filial.exams import load_exam
from filial.kits import copy
from filial.sandboxes import Command, Level, Limits, at, execute

SNIPPET = 40
N_SNIPPETS = 400

SCAN = """
import os, sys
needles = {}
blob = open("/in/needles", "rb").read()
for i in range(0, len(blob), 40):
    needles.setdefault(blob[i:i + 8], []).append(blob[i:i + 40])
n_files = 0
for top in ("/usr", "/box", "/tmp", "/etc", "/data", "/root", "/home", "/opt", *sys.path):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if os.path.getsize(path) > 4 << 20 or name.endswith((".so", ".a")):
                    continue
                text = open(path, "rb").read()
            except OSError:
                continue
            n_files += 1
            for whole in (w for ws in needles.values() for w in ws):
                if whole in text:
                    print(path, whole)
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
    for name in ("dev", "confirm", "sealed", "cpp", "prose"):
        text = (private / f"{name}.bin").read_bytes()
        for start in rng.integers(len(text) - SNIPPET, size=N_SNIPPETS // 5).tolist():
            snippet = text[start : start + SNIPPET]
            # Words only: blank lines, rules and licence boilerplate stand in many files.
            if len(set(snippet)) > 14 and not re.search(rb"(?i)licen|copyr|warr|[A-Z]{4}", snippet):
                needles += snippet
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
    assert leaks == [], "\n".join(leaks)
