"""``filial sandbox exec`` is the sandbox of a candidate: a program sees the same in both."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli

from filial.core import Split, TrialSpec
from filial.errors import SandboxError
from filial.oversight import plant
from filial.redteam.recorder import Recorder
from filial.redteam.specimen import STUDIES
from filial.sandboxes import Level, at
from filial.study import Study

# As a candidate's served file it prints while it is loaded.
PROBE = r"""
import errno, json, os, resource, sys

def tried(action):
    try:
        return action()
    except OSError as error:
        return errno.errorcode[error.errno]

def read(path):
    with open(path) as file:
        return file.read()

def plants(folder):
    path = folder + "/planted"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    os.unlink(path)
    return "written"

def descriptors():
    pipes = {os.environ.get("FILIAL_IN"), os.environ.get("FILIAL_OUT_FD")}
    names = [name for name in os.listdir("/proc/self/fd") if name not in pipes]
    links = {name: tried(lambda: os.readlink("/proc/self/fd/" + name)) for name in names}
    # The listing itself is closed by now.
    return {name: link.split(":")[0] for name, link in links.items() if link != "ENOENT"}

def mounts():
    for line in read("/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        yield [fields[4], fields[5], after.split()[0], after.split()[-1]]

STATUS = "Umask Uid Gid Groups NoNewPrivs Seccomp Seccomp_filters SigBlk SigIgn CapInh CapPrm"
STATUS += " CapEff CapBnd CapAmb Cpus_allowed_list Mems_allowed_list"
FOLDERS = ["/", "/dev", "/dev/shm", "/etc", "/home", "/opt", "/root", "/run", "/sys", "/usr"]
FOLDERS += ["/var", "/var/tmp", os.environ["TMPDIR"], os.path.dirname(sys.executable)]
status = dict(line.split(":\t", 1) for line in read("/proc/self/status").splitlines())
report = {
    # To print a decoy is to trip over it.
    "environment": {n: v if not v.startswith("sk-") else "" for n, v in os.environ.items()},
    "status": {name: status.get(name) for name in STATUS.split()},
    "limits": {
        name: resource.getrlimit(getattr(resource, name))
        for name in dir(resource) if name.startswith("RLIMIT_")
    },
    "namespaces": {
        name: tried(lambda: os.readlink("/proc/self/ns/" + name))
        for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
    },
    "mounts": tried(lambda: sorted(mounts())),
    "groups": tried(lambda: read("/proc/self/cgroup")),
    "spared": tried(lambda: read("/proc/self/oom_score_adj")),
    "nice": os.getpriority(os.PRIO_PROCESS, 0),
    "policy": os.sched_getscheduler(0),
    "host": os.uname().nodename,
    "terminal": tried(lambda: os.open("/dev/tty", os.O_RDWR)),
    "is_leader": [os.getpid() == os.getpgrp(), os.getpid() == os.getsid(0)],
    "first": [os.getpid(), os.getppid()] if os.getpid() < 100 else "the host's numbers",
    "descriptors": descriptors(),
    "folder": os.getcwd(),
    "visible": {folder: tried(lambda: sorted(os.listdir(folder))) for folder in FOLDERS},
    "processes": tried(lambda: sorted(n for n in os.listdir("/proc") if not n.isdigit())),
    "writable": {folder: tried(lambda: plants(folder)) for folder in [*FOLDERS, ".", "/in"]},
    "path": sys.path[1:],
    "flags": list(sys.flags),
    "program": sys.executable,
}
print("REPORT", json.dumps(report), flush=True)

def answer(question):
    return 0.0
"""

# What ``filial sandbox exec --help`` says is its own: its input, and a folder to write to. What
# only an exam has: the data pipes and the decoys.
OF_EXEC = {"FILIAL_OUT"}
OF_EXAM = {"FILIAL_IN", "FILIAL_OUT_FD"}


@pytest.mark.parametrize("level", [Level.L1, Level.L2, Level.L3, Level.L4])
def test_a_program_sees_the_same(cli: Cli, tmp_path: Path, level: Level) -> None:
    try:
        at(level)
    except SandboxError as error:
        pytest.skip(str(error))
    candidate = as_a_candidate(tmp_path / "study", level)
    program = tmp_path / "probe.py"
    program.write_text(PROBE)
    words = ("--level", level, "--json", "--input", program, "--", "python", "/in/probe.py")
    command = report_in(json.loads(cli.ok("sandbox", "exec", *words))["stdout"])
    decoys = set(plant(tmp_path / "decoys", b"").variables)
    assert set(candidate["environment"]) - set(command["environment"]) == OF_EXAM | decoys
    assert set(command["environment"]) - set(candidate["environment"]) == OF_EXEC
    without = OF_EXEC | OF_EXAM | decoys
    seen = compared(candidate, without)
    assert seen == compared(command, without)
    # The comparison is of something.
    assert seen["status"]["NoNewPrivs"] == "1"
    assert level < Level.L3 or len(seen["mounts"]) > 5


def as_a_candidate(folder: Path, level: Level) -> dict[str, Any]:
    """The probe's report from a trial, under the limits that ``filial sandbox exec`` has."""
    shutil.copytree(STUDIES / "sums", folder)
    settings = (folder / "study.toml").read_text()
    for old, new in (("6s", "60s"), ("12s", "60s"), ("512MiB", "2GiB")):
        settings = settings.replace(f'"{old}"', f'"{new}"')
    (folder / "study.toml").write_text(settings)
    (folder / "code" / "answer.py").write_text(PROBE)
    study = Study(folder)
    study.prepare_data()
    recorder = Recorder(at(level), {})
    spec = TrialSpec(
        candidate=study.initial().id, split=Split.DEV, build_seed=0, exam_seed=0, label="dev/0"
    )
    trial = study.examiner(recorder, lambda _text: None)(spec)
    assert trial.failure is None
    (outcome,) = recorder.outcomes
    report = report_in(outcome.stdout.decode())
    del report["environment"]["REDTEAM_FACTS"]
    return report


def report_in(text: str) -> dict[str, Any]:
    line = next(line for line in text.splitlines() if line.startswith("REPORT "))
    report: dict[str, Any] = json.loads(line.removeprefix("REPORT "))
    return report


def compared(report: dict[str, Any], without: set[str]) -> dict[str, Any]:
    """A report without some variables, their mounts, and names made up for one run."""
    environment = report["environment"]
    names = {
        environment["FILIAL_CODE"]: "CODE",
        environment["TMPDIR"]: "SCRATCH",
        environment.get("FILIAL_OUT", "/out"): "OUT",
    }
    namespaces = {
        name: link == os.readlink(f"/proc/self/ns/{name}")  # noqa: PTH115 - a link to nothing
        for name, link in report["namespaces"].items()
    }
    kept = {
        **report,
        "environment": {n: v for n, v in environment.items() if n not in without},
        "namespaces": namespaces,
    }
    text = json.dumps(kept)
    for place in sorted(names, key=len, reverse=True):
        text = re.sub(rf"{re.escape(place)}(?=[\"/ ])", names[place], text)
    text = re.sub(r"(?<!\d)19\d{8}(?!\d)", "FRESH", text)  # a user of its own
    text = re.sub(r"filial-\d+-\d+-[0-9a-f]+", "GROUP", text)
    same: dict[str, Any] = json.loads(text)
    if isinstance(same["mounts"], list):
        same["mounts"] = [m for m in same["mounts"] if not m[0].startswith(("/in/", "OUT"))]
    if isinstance(same["visible"]["/"], list):
        same["visible"]["/"] = [name for name in same["visible"]["/"] if name != "out"]
    return same
