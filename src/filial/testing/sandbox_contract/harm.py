"""What a sandbox protects: the host's files, processes and kernel."""

# A suite: its names say what each test is, and it asserts.
# ruff: noqa: S101, D102

import os
import secrets
import signal
import stat
import sys
from pathlib import Path

import pytest

from filial.sandboxes.base import EndedBy
from filial.testing.sandbox_contract.room import Room, named, victim_process, within


class HarmContract:
    """Programs that want to change what is not theirs."""

    # Attacks on files.

    def test_writes_outside(self, room: Room, tmp_path: Path) -> None:
        program = """
            import os, sys
            for folder in sys.argv[1:] + [os.environ["FILIAL_CODE"], os.environ["FILIAL_DATA"]]:
                try:
                    with open(folder + "/planted", "w") as file: file.write("x")
                    print("wrote", folder)
                except OSError: pass
        """
        folders = [str(tmp_path), sys.prefix, str(Path.home()), "/usr", "/etc"]
        room.try_to(program, *folders)
        everywhere = [room.code, room.data, *map(Path, folders)]
        assert not [folder for folder in everywhere if (folder / "planted").exists()]

    def test_writes_to_a_read_only_out(self, room: Room) -> None:
        (room.out / "artifact").write_text("judged")
        program = """
            import os
            path = os.environ["FILIAL_OUT"] + "/artifact"
            print(open(path).read())
            open(path, "w").write("changed")
        """
        outcome = room.run(program, out_is_readonly=True)
        assert outcome.stdout == b"judged\n"
        assert outcome.rc == 1
        assert (room.out / "artifact").read_text() == "judged"

    def test_modes_of_the_hosts_files(self, room: Room) -> None:
        null = Path("/dev/null")
        before = stat.S_IMODE(null.stat().st_mode)
        source = room.code / "main.py"
        try:
            room.try_to("""
                import os
                for path in ("/dev/null", "main.py"):
                    try: os.chmod(path, 0o640)
                    except OSError: pass
            """)
            assert stat.S_IMODE(null.stat().st_mode) == before
            assert stat.S_IMODE(source.stat().st_mode) != 0o640
        finally:
            if stat.S_IMODE(null.stat().st_mode) != before:
                null.chmod(before)

    def test_link_out_of_the_writable_folder_is_left_alone(
        self, room: Room, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret"
        secret.write_text("sealed")
        program = "import os, sys; os.symlink(sys.argv[1], os.environ['FILIAL_OUT'] + '/link')"
        assert room.run(program, str(secret)).rc == 0
        assert (room.out / "link").readlink() == secret
        assert secret.read_text() == "sealed"

    def test_settings_of_the_kernel(self, room: Room) -> None:
        program = """
            import os
            for name in ("kernel/core_pattern", "kernel/hostname", "vm/overcommit_memory"):
                try: os.open("/proc/sys/" + name, os.O_WRONLY); print("opened", name)
                except OSError: pass
        """
        assert room.try_to(program) == ""

    # Attacks on processes.

    def test_signals_to_the_caller_and_its_group(self, room: Room) -> None:
        received = []
        before = signal.signal(signal.SIGURG, lambda number, _: received.append(number))
        try:
            # Whoever does not expect this signal does not notice it.
            program = """
                import os, signal, sys
                caller, group = map(int, sys.argv[1:])
                signal.signal(signal.SIGURG, signal.SIG_IGN)
                for target in (caller, -group, 0, -1):
                    try: os.kill(target, signal.SIGURG)
                    except OSError: pass
            """
            room.try_to(program, str(os.getpid()), str(os.getpgrp()))
            assert received == []
        finally:
            signal.signal(signal.SIGURG, before)

    def test_stop_of_another_process(self, room: Room) -> None:
        with victim_process() as victim:
            room.try_to(
                """
                import os, signal, sys
                victim = int(sys.argv[1])
                if victim not in (os.getpid(), os.getppid()):
                    os.kill(victim, signal.SIGSTOP)
                """,
                str(victim.pid),
            )
            state = Path(f"/proc/{victim.pid}/stat").read_text().rpartition(")")[2].split()[0]
            assert state != "T"

    def test_limits_of_another_process(self, room: Room) -> None:
        with victim_process() as victim:
            listed = Path(f"/proc/{victim.pid}/limits")
            before = listed.read_text()
            program = """
                import resource, sys
                resource.prlimit(int(sys.argv[1]), resource.RLIMIT_NOFILE, (3, 3))
            """
            room.try_to(program, str(victim.pid))
            assert listed.read_text() == before

    @pytest.mark.parametrize("waits", [True, False])
    def test_daemon_after_the_end(self, room: Room, waits: bool) -> None:
        token = secrets.token_hex(8)
        program = f"""
            import os, signal, time
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    print("alive", flush=True)
                    time.sleep(600)
                os._exit(0)
            time.sleep(600 if {waits} else 0.2)
        """
        outcome = room.run(program, token, limits=within(wall_s=2.0 if waits else 20.0))
        assert outcome.ended_by is (EndedBy.WALL if waits else EndedBy.EXIT)
        assert outcome.stdout == b"alive\n"
        assert not named(token)

    def test_calls_into_the_kernel(self, room: Room) -> None:
        program = """
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            new_user, new_network = 0x10000000, 0x40000000
            calls = {
                "unshare user": lambda: libc.unshare(new_user),
                "unshare network": lambda: libc.unshare(new_network),
                "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
                "trace": lambda: libc.ptrace(0, 0, 0, 0),
                "chroot": lambda: libc.chroot(b"/"),
                "set the clock": lambda: libc.settimeofday(ctypes.create_string_buffer(16), None),
                "keys": lambda: libc.syscall(425, 1, ctypes.create_string_buffer(256)),
            }
            for name, call in calls.items():
                if call() >= 0: print(name)
        """
        assert room.try_to(program) == ""
