"""What only our own namespaces promise; a warm program is like a fresh one."""

import errno
import os
import shutil
import signal
import stat
import struct
import subprocess  # noqa: TID251 - callers to fork and to kill
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from filial.errors import SandboxError
from filial.sandboxes import (
    Command,
    EndedBy,
    Level,
    Limits,
    Namespaces,
    Outcome,
    execute,
    rootfs,
    view,
)
from filial.sandboxes.selftest import probes
from filial.sandboxes.spawner import Spawner, spawners
from filial.testing.executor_contract import is_alive

WARM = ("numpy",)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives user numbers")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Namespaces]:
    sandbox = Namespaces()
    failed = [row for row in probes(sandbox) if row.is_failure]
    if failed:
        pytest.skip(str(failed))
    yield sandbox
    spawners().close()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    return folder


def _run(sandbox: Namespaces, code: Path, program: str, *words: str, **changes: object) -> Outcome:
    (code / "main.py").write_text(textwrap.dedent(program))
    options: dict[str, object] = {"argv": ("python", "main.py", *words), "code": code}
    return execute(sandbox, Command(**{**options, **changes}))  # type: ignore[arg-type]


def _told(outcome: Outcome) -> tuple[EndedBy, int, bytes, bytes]:
    return outcome.ended_by, outcome.rc, outcome.stdout, outcome.stderr


def _n_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# Warm and fresh.

PROGRAMS = {
    "names": """
        import sys
        kept = {k: v for k, v in globals().items() if k not in ("sys", "__loader__")}
        kept["__builtins__"] = type(kept["__builtins__"]).__name__
        print(kept, __loader__.__class__.__name__, __loader__.name, __loader__.path)
        print(sys.argv, sys.orig_argv, sys.path, sys.executable, sys.prefix, sys.flags)
        print(sys.modules["__main__"].__dict__ is globals())
    """,
    "surroundings": """
        import locale, os, signal, stat, sys, threading
        print(dict(sorted(os.environ.items())), os.getcwd(), os.umask(0))
        print(sorted(os.listdir("/proc/self/fd")), os.getpid(), os.getppid(), os.getsid(0))
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            print(stream.encoding, stream.errors, stream.line_buffering, stream.name, stream.mode,
                  stream.isatty(), stream.seekable(),
                  stat.S_IFMT(os.fstat(stream.fileno()).st_mode))
        print({n: signal.getsignal(n) for n in range(1, 32)})
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        print([thread.name for thread in threading.enumerate()])
        print(locale.getlocale(), sys.getrecursionlimit(), sys.gettrace())
        import resource
        print([resource.getrlimit(number) for number in range(16)])
    """,
    "standard input": "import sys; print(repr(sys.stdin.read()))",
    "exit code": "raise SystemExit(7)",
    "negative exit code": "raise SystemExit(-1)",
    "huge exit code": "raise SystemExit(1 << 70)",
    "exit without code": "raise SystemExit",
    "exit with words": "import sys; sys.exit('enough')",
    "exit deep inside": "import sys\ndef f(): sys.exit(3)\nf()",
    "exception": "def f():\n    raise KeyError('a')\nf()",
    "chained exception": "try: 1 / 0\nexcept ZeroDivisionError as e: raise ValueError('b') from e",
    "syntax error": "print('never')\ndef f(:\n",
    "interrupt": "raise KeyboardInterrupt",
    "own hook": "import sys; sys.excepthook = lambda *a: print('hooked', a[2].tb_lineno)\n1 / 0",
    "failing hook": "import sys; sys.excepthook = None\n1 / 0",
    "exit in the hook": "import sys\ndef h(*_): sys.exit(9)\nsys.excepthook = h\n1 / 0",
    "coded source": "# -*- coding: latin-1 -*-\nprint(len('\u00e9'))",
    "end": """
        import atexit, sys, threading, time
        class Late:
            def __del__(self): print("finalized", flush=True)
        atexit.register(print, "registered")
        def wait():
            time.sleep(0.1)
            print("joined")
        threading.Thread(target=wait).start()
        late, ring = Late(), []
        ring.append((ring, Late()))
        left = open("/out/left", "w"); left.write("flushed")
        print("last line", end="")
    """,
    "child processes": """
        import multiprocessing as mp
        def double(n): return 2 * n
        if __name__ == "__main__":
            for how in ("fork", "spawn"):
                with mp.get_context(how).Pool(2) as pool: print(pool.map(double, [1, 2]))
    """,
    "signal": "import os; os.abort()",
    "forks to the end": "import os\nif os.fork(): os.wait()\nprint('here')",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_warm_script_does_what_a_fresh_one_does(
    name: str, sandbox: Namespaces, code: Path, out: Path
) -> None:
    fresh = _run(sandbox, code, PROGRAMS[name], "a", "-b", out=out)
    left = {path.name: path.read_bytes() for path in out.iterdir()}
    for path in out.iterdir():
        path.unlink()
    warm = _run(sandbox, code, PROGRAMS[name], "a", "-b", out=out, warm=WARM)
    assert _told(warm) == _told(fresh)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == left


@pytest.mark.parametrize(
    "argv",
    [
        (
            "python",
            "-c",
            "import sys; print(sys.argv, sys.path, __name__, globals().keys()); 1 / 0",
            "x",
        ),
        ("python", "-c", "def f(:"),
        ("python", "/box/main.py"),
        ("python", "./main.py"),
        ("python", "sub/inner.py"),
        ("python", "missing.py"),
        ("python", "sub"),
        ("python", "-m", "sub.inner"),
        ("python",),
        ("sh", "-c", "echo shell"),
        ("no-such-program",),
    ],
)
def test_warm_command_does_what_a_fresh_one_does(
    argv: tuple[str, ...], sandbox: Namespaces, code: Path
) -> None:
    (code / "sub").mkdir()
    (code / "sub" / "inner.py").write_text(
        "import sys; print(__file__, sys.argv, sys.path[0], bool(__spec__))"
    )
    program = "import sys; print(__file__, sys.argv, sys.path[0])"
    fresh, warm = (_run(sandbox, code, program, argv=argv, warm=each) for each in ((), WARM))
    assert _told(warm) == _told(fresh)


def test_warm_program_finds_its_modules_imported(sandbox: Namespaces, code: Path) -> None:
    program = "import sys; print('numpy' in sys.modules); import numpy; print(numpy.ones(2).sum())"
    assert _run(sandbox, code, program).stdout == b"False\n2.0\n"
    assert _run(sandbox, code, program, warm=WARM).stdout == b"True\n2.0\n"


def test_a_warm_program_is_not_told_the_host_s_name(sandbox: Namespaces, code: Path) -> None:
    program = "import platform; print(platform.node())"
    assert _run(sandbox, code, program, warm=WARM).stdout == b"sandbox\n"


def test_variables_that_count_at_the_start_get_a_fresh_process(
    sandbox: Namespaces, code: Path
) -> None:
    program = "import os, sys; print('numpy' in sys.modules, os.environ.get('OMP_NUM_THREADS'))"
    for variables, told in (
        ({"MINE": "x"}, b"True 1\n"),
        ({"OMP_NUM_THREADS": "2"}, b"False 2\n"),
    ):
        assert _run(sandbox, code, program, environment=variables, warm=WARM).stdout == told


def test_no_two_warm_programs_draw_the_same(sandbox: Namespaces, code: Path) -> None:
    program = "import random, numpy; print(random.random(), numpy.random.random())"
    drawn = [_run(sandbox, code, program, warm=("random", "numpy")).stdout.split() for _ in "ab"]
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


def test_modules_that_cannot_be_imported_give_a_fresh_process(
    sandbox: Namespaces, code: Path
) -> None:
    for modules in (("no_such_module",), ("numpy", "filial.no_such_module")):
        assert _run(sandbox, code, "print('ran')", warm=modules).stdout == b"ran\n"


def test_unfit_zygotes_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "threads.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    given = view.environment

    def with_threads(*arguments: Any) -> dict[str, str]:
        return {**given(*arguments), "PYTHONPATH": str(tmp_path)}

    monkeypatch.setattr(view, "environment", with_threads)
    for module, why in (("no_such_module", "No module named"), ("threads", "start threads")):
        with pytest.raises(SandboxError, match=why):
            Spawner((module,))


# What nobody may find.


SEARCH = """
    import sys
    # Given backwards, so that the search does not find itself.
    sought, found = [word.encode() for word in sys.argv[1:]], set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            begin, end = (int(edge, 16) for edge in line.split()[0].split("-"))
            if line.split()[1][0] != "r" or "[v" in line: continue
            memory.seek(begin)
            try: page = memory.read(end - begin)[::-1]
            except OSError: continue
            found |= {word for word in sought if word in page}
            del page
    print(len(found))
"""


@pytest.mark.parametrize("warm", [(), WARM])
def test_memory_holds_nothing_of_the_caller_or_of_others(
    sandbox: Namespaces, code: Path, warm: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, theirs = os.urandom(12).hex(), os.urandom(12).hex()
    monkeypatch.setenv("SOME_API_KEY", secret)
    spawners().close()
    _run(sandbox, code, "pass", theirs, environment={"THEIRS": theirs}, warm=warm)
    folder = code.parent.name
    sought = [word[::-1] for word in (secret, theirs, folder)]
    outcome = _run(sandbox, code, SEARCH, *sought, warm=warm, limits=Limits(memory_bytes=1 << 30))
    assert outcome.stdout == b"0\n", outcome
    # What is there is found.
    known = _run(
        sandbox, code, "kept = " + repr(secret) + "\n" + textwrap.dedent(SEARCH), sought[0]
    )
    assert known.stdout == b"1\n", known


@pytest.mark.parametrize("warm", [(), WARM])
def test_first_process_is_closed_and_reaps(
    sandbox: Namespaces, code: Path, warm: tuple[str, ...]
) -> None:
    program = """
        import os, time
        for name in ("mem", "environ", "fd", "root", "maps", "cwd"):
            path = "/proc/1/" + name
            try: os.listdir(path) if name in ("fd", "root", "cwd") else open(path, "rb")
            except PermissionError: continue
            print("opened", name)
        if os.fork() == 0:
            if os.fork() == 0: os._exit(0)
            os._exit(0)
        os.wait()
        while len([name for name in os.listdir("/proc") if name.isdigit()]) > 2: time.sleep(0.01)
        os.kill(1, 9); os.kill(1, 15); os.kill(1, 2)
        print("alive", os.getpid(), os.getppid())
    """
    assert _run(sandbox, code, program, warm=warm).stdout == b"alive 2 1\n"


@pytest.mark.parametrize("warm", [(), WARM])
def test_namespaces_and_rights(sandbox: Namespaces, code: Path, warm: tuple[str, ...]) -> None:
    program = """
        import os, socket
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb"): assert int(status["Cap" + kind], 16) == 0
        assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"
        assert os.stat("/").st_mode & 0o777 == 0o755 and not os.access("/", os.W_OK)
        assert {line.rpartition(":")[2] for line in open("/proc/self/cgroup")} == {"/\\n"}
        assert socket.gethostname() == "sandbox"
        kinds = ("cgroup", "ipc", "mnt", "net", "pid", "uts")
        print(*(os.readlink("/proc/self/ns/" + kind) for kind in kinds))
        print(os.path.exists("/sys"), sorted(os.listdir("/dev")))
    """
    outcome = _run(sandbox, code, program, warm=warm)
    assert outcome.rc == 0, outcome
    spaces, shown = outcome.stdout.decode().splitlines()
    ours = {str(path.readlink()) for path in Path("/proc/self/ns").iterdir()}
    assert ours.isdisjoint(spaces.split())
    devices = [
        "fd",
        "full",
        "null",
        "random",
        "shm",
        "stderr",
        "stdin",
        "stdout",
        "urandom",
        "zero",
    ]
    assert shown == f"False {devices}"


# User numbers.


@root_only
def test_every_running_tree_has_a_number_of_its_own(
    sandbox: Namespaces, code: Path, out: Path
) -> None:
    program = """
        import os, sys, time
        print(*os.getresuid(), *os.getresgid(), os.getgroups(), os.stat("/box").st_uid, flush=True)
        open("/out/" + sys.argv[1], "w").close()
        if sys.argv[1] == "0":
            try: os.kill(-1, 9)
            except ProcessLookupError: pass
        while not os.path.exists("/out/0"): time.sleep(0.01)
    """
    (code / "main.py").write_text(textwrap.dedent(program))
    with ExitStack() as running:
        trees = [
            running.enter_context(
                sandbox.start(
                    Command(argv=("python", "main.py", str(k)), code=code, out=out, warm=w)
                )
            )
            for k, w in ((2, WARM), (1, ()), (0, WARM))
        ]
        outcomes = [tree.wait() for tree in trees]
    assert [outcome.rc for outcome in outcomes] == [0, 0, 0]
    numbers = {outcome.stdout.split()[0] for outcome in outcomes}
    assert len(numbers) == 3
    for outcome in outcomes:
        own = outcome.stdout.split()[0].decode()
        assert int(own) >= 1_900_000_000
        assert outcome.stdout.decode() == f"{' '.join([own] * 6)} [] {own}\n"


@root_only
def test_what_root_alone_may_read_is_shown_and_what_is_made_is_roots(
    sandbox: Namespaces, code: Path, out: Path
) -> None:
    (out / "old").write_text("old")
    (out / "old").chmod(0o600)
    program = """
        import os
        print(open("/out/old").read())
        open("/out/old", "a").write("+new")
        os.close(os.open("/out/mine", os.O_CREAT | os.O_WRONLY, 0o4755))
        os.chmod("/out/mine", 0o6755)
    """
    assert _run(sandbox, code, program, out=out).stdout == b"old\n"
    assert (out / "old").read_text() == "old+new"
    for path in (out, out / "old", out / "mine"):
        assert path.stat().st_uid == 0


@root_only
def test_folder_changes_hands_where_its_files_cannot_be_lent(
    sandbox: Namespaces, code: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawners().close()
    monkeypatch.setattr(Spawner, "lend", lambda *_: -1)
    program = "open('/out/made', 'w').write('x')"
    with pytest.raises(SandboxError, match="Permission denied"):
        _run(sandbox, code, program, out=out)
    code.chmod(0o755)
    assert _run(sandbox, code, program, out=out).rc == 0
    assert out.stat().st_uid == (out / "made").stat().st_uid >= 1_900_000_000
    spawners().close()


# Zygotes.


@pytest.mark.parametrize("warm", [(), WARM])
def test_zygote_that_died_is_replaced_and_its_candidates_go_on(
    sandbox: Namespaces, code: Path, warm: tuple[str, ...]
) -> None:
    waiting = "import os; print(open(int(os.environ['FILIAL_IN'])).read())"
    command = Command(argv=("python", "-c", waiting), code=code, pipes=True, warm=warm)
    with sandbox.start(command) as process:
        zygote = spawners().of(warm)._popen.pid
        os.kill(zygote, signal.SIGKILL)
        assert _run(sandbox, code, "print('ran')", warm=warm).stdout == b"ran\n"
        assert spawners().of(warm)._popen.pid != zygote
        os.write(process.questions, b"word")
        process.hang_up()
        assert process.wait().stdout == b"word\n"


def test_answer_that_nobody_took_is_no_other_requests(
    sandbox: Namespaces, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = spawners().of(())
    with monkeypatch.context() as patched:
        patched.setattr("socket.recv_fds", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _run(sandbox, code, "pass")
    assert not before.is_fit
    assert _run(sandbox, code, "print('ran')").stdout == b"ran\n"
    assert spawners().of(()) is not before


def test_forked_caller_makes_its_own(sandbox: Namespaces, code: Path) -> None:
    script = f"""
        import os
        from pathlib import Path
        from filial.sandboxes import Command, Namespaces, execute
        from filial.sandboxes.spawner import spawners
        command = Command(argv=("python", "-c", "print('ran')"), code=Path({str(code)!r}))
        def run():
            assert execute(Namespaces(), command).stdout == b"ran\\n"
            return spawners().of(())._popen.pid
        mine = run()
        if os.fork() == 0:
            assert run() != mine
            spawners().close()
            os._exit(0)
        assert os.wait()[1] == 0
        assert run() == mine
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("end", ["", "import os; os.kill(os.getpid(), 9)", "input()"])
def test_zygotes_end_with_their_caller(end: str, sandbox: Namespaces, code: Path) -> None:
    script = f"""
        from pathlib import Path
        from filial.sandboxes import Command, Namespaces, execute
        from filial.sandboxes.spawner import spawners
        for warm in ((), ("numpy",)):
            argv = ("python", "-c", "pass")
            execute(Namespaces(), Command(argv=argv, code=Path({str(code)!r}), warm=warm))
            print(spawners().of(warm)._popen.pid, flush=True)
        {end}
    """
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as caller:
        assert caller.stdout is not None
        zygotes = [int(caller.stdout.readline()) for _ in range(2)]
        if end == "input()":
            assert all(map(is_alive, zygotes))
            caller.kill()
        _, words = caller.communicate()
    assert words == b""
    give_up = time.monotonic() + 20
    while any(map(is_alive, zygotes)):
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_threads_share_zygotes(sandbox: Namespaces, code: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(
                execute, sandbox, Command(argv=("python", "-c", f"print({k})"), code=code, warm=w)
            )
            for k, w in enumerate([(), WARM] * 4)
        ]
        assert [run.result().stdout for run in runs] == [b"%d\n" % k for k in range(8)]


# What goes wrong.


def test_two_levels_only() -> None:
    with pytest.raises(SandboxError, match="L3 or L4"):
        Namespaces(Level.L2)


def test_refused_step_is_named(
    sandbox: Namespaces, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = rootfs.Step(5, 0, "/box", "/.old/gone")
    monkeypatch.setattr(rootfs, "steps", lambda _: (step,))
    with pytest.raises(SandboxError, match=r"/box \(from /gone\): No such file"):
        _run(sandbox, code, "pass")


def test_refused_filter_is_named(code: Path, sandbox: Namespaces) -> None:
    broken = Namespaces()
    broken._rules = b"\xff" * 8
    with pytest.raises(SandboxError, match="seccomp"):
        _run(broken, code, "pass")


def test_refused_namespaces_are_named(
    sandbox: Namespaces, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = struct.pack("=q", -errno.EPERM)
    monkeypatch.setattr(Spawner, "_ask", lambda *_: (answer, []))
    with pytest.raises(SandboxError, match="no new namespaces: Operation not permitted"):
        _run(sandbox, code, "pass")


def test_failed_starts_leave_nothing(
    sandbox: Namespaces, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(sandbox, code, "pass")
    before = _n_open()
    with monkeypatch.context() as patched:
        patched.setattr(rootfs, "steps", lambda _: (rootfs.Step(5, 0, "/box", "/.old/gone"),))
        with pytest.raises(SandboxError):
            _run(sandbox, code, "pass")
    _run(sandbox, code, "pass")
    assert _n_open() == before
    assert os.waitpid(-1, os.WNOHANG) == (0, 0), "only zygotes"


def test_links_among_shown_folders_stay_links(
    sandbox: Namespaces, code: Path, tmp_path: Path
) -> None:
    program = "import os; print(*(os.path.islink(path) for path in ('/bin', '/lib', '/usr')))"
    there = [Path(path).is_symlink() for path in ("/bin", "/lib", "/usr")]
    assert _run(sandbox, code, program).stdout.decode().split() == list(map(str, there))


def test_masks_hide_and_replace(sandbox: Namespaces, code: Path, tmp_path: Path) -> None:
    package = Path(np.__file__).parent.resolve()
    other = tmp_path / "other.py"
    other.write_text("print('instead')")
    masks = {package / "version.py": other, package / "linalg": None, package / "linalg/x": None}
    program = f"""
        import os, runpy
        print(os.listdir({str(package / "linalg")!r}))
        runpy.run_path({str(package / "version.py")!r})
    """
    assert _run(sandbox, code, program, masks=masks).stdout == b"[]\ninstead\n"


def test_hidden_package_cannot_be_imported(
    sandbox: Namespaces, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(np.__file__).parent.resolve()
    rootfs._shown_to_everyone.cache_clear()
    monkeypatch.setattr(view, "hidden", lambda: package)
    try:
        outcome = _run(sandbox, code, "import pytest; print('others'); import numpy.linalg")
    finally:
        rootfs._shown_to_everyone.cache_clear()
    assert (outcome.stdout, outcome.rc) == (b"others\n", 1)


@pytest.mark.torch
@pytest.mark.slow
def test_torch_trains_in_a_copy(sandbox: Namespaces, code: Path) -> None:
    pytest.importorskip("torch")
    program = """
        import sys
        assert "torch" in sys.modules
        import torch
        layer = torch.nn.Linear(4, 1)
        optimizer = torch.optim.SGD(layer.parameters(), 0.1)
        loss = layer(torch.ones(8, 4)).pow(2).mean()
        loss.backward(); optimizer.step()
        print(torch.isfinite(loss).item(), torch.initial_seed())
    """
    told = [_run(sandbox, code, program, warm=("torch",)).stdout.split() for _ in "ab"]
    assert [words[0] for words in told] == [b"True", b"True"]
    assert told[0][1] != told[1][1]


# By an ordinary user.


def _interpreter_for_all() -> str | None:
    """An interpreter of this version that everybody may run; None for none."""
    for path in (Path(sys.executable).resolve(), Path("/usr/bin/python3").resolve()):
        is_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
        if path.name.endswith(f"python3.{sys.version_info.minor}") and is_open:
            return str(path)
    return None


@root_only
@pytest.mark.slow
def test_contract_holds_for_an_ordinary_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    interpreter = _interpreter_for_all()
    if interpreter is None or shutil.which("setpriv") is None:
        pytest.skip("no interpreter that an ordinary user may run, or no setpriv")
    home = Path(tempfile.mkdtemp(prefix="filial-"))
    os.chown(home, 65533, 65533)
    suite = Path(__file__).parents[2] / "contract" / "test_sandboxes.py"
    try:
        done = subprocess.run(
            [
                *("setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups"),
                *(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("--basetemp", str(home / "t"), "-k", "TestNamespaces and not Group", str(suite)),
            ],
            env={"PYTHONPATH": ":".join(sys.path), "HOME": str(home), "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
