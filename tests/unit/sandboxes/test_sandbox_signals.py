"""What a caller does about signals is its own affair, and no candidate's."""

import subprocess  # noqa: TID251 - a caller of its own
import sys
from pathlib import Path

import pytest

CALLER = """
import signal, sys
from pathlib import Path
from filial.sandboxes import Command, Landlock, Namespaces, execute
if sys.argv[2] == "careless":
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGALRM})
program = "import re; print(re.findall('Sig[BIC].*', open('/proc/self/status').read()))"
command = Command(argv=("python", "-c", program), code=Path(sys.argv[1]), warm=tuple(sys.argv[4:]))
print(execute({"L2": Landlock, "L3": Namespaces}[sys.argv[3]](), command).stdout.decode())
"""


@pytest.mark.parametrize("how", [("L2",), ("L3",), ("L3", "re")], ids=" ".join)
def test_ignored_and_blocked_signals_stay_outside(tmp_path: Path, how: tuple[str, ...]) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", CALLER, str(tmp_path), caller, *how],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for caller in ("plain", "careless")
    ]
    assert "SigIgn" in said[0]
    assert said[0] == said[1]
