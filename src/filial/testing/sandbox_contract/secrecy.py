"""What a sandbox hides: secrets of the host and every network."""

# A suite: its names say what each test is, and it asserts.
# ruff: noqa: S101, D102

import os
import secrets
import socket
import sys
from pathlib import Path

import numpy as np
import pytest

from filial.sandboxes import shows
from filial.testing.sandbox_contract.room import Room, listener, was_reached


class SecrecyContract:
    """Programs that want to know or to tell."""

    # Attacks on secrets.

    def test_secret_file_of_the_host(self, room: Room, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("sealed")
        secret.chmod(0o644)
        program = "import sys; print(open(sys.argv[1]).read())"
        assert "sealed" not in room.try_to(program, str(secret))

    def test_what_is_said_to_be_shown_is_what_can_be_read(
        self, room: Room, tmp_path: Path
    ) -> None:
        secret, link = tmp_path / "secret", tmp_path / "link"
        secret.write_text("sealed")
        link.symlink_to(os.__file__)
        shown = [os.__file__, sys.executable, pytest.__file__, np.__file__, "/bin/sh"]
        paths = [*shown, str(secret), __file__, "/etc/passwd", "/root"]
        program = """
            import sys
            for path in sys.argv[1:]:
                try: open(path, "rb").close(); print(path)
                except OSError: pass
        """
        assert set(room.try_to(program, *paths).split()) == set(shown)
        assert [str(path) for path in map(Path, paths) if shows(path)] == shown
        assert shows(link)

    def test_api_key_in_the_environment(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_API_KEY", "sk-sealed")
        program = """
            import os, sys
            print(dict(os.environ))
            for pid in (1, os.getppid(), int(sys.argv[1])):
                try: print(open(f"/proc/{pid}/environ").read())
                except OSError: pass
        """
        printed = room.try_to(program, str(os.getpid()))
        assert "FILIAL_CODE" in printed
        assert "sk-sealed" not in printed

    def test_memory_of_the_caller(self, room: Room) -> None:
        program = "import sys; open(f'/proc/{sys.argv[1]}/mem', 'rb'); print('opened')"
        assert "opened" not in room.try_to(program, str(os.getpid()))

    def test_own_source_of_the_judge(self, room: Room) -> None:
        program = """
            try: import filial; print("imported")
            except ImportError: print("hidden")
        """
        assert room.try_to(program) == "hidden\n"

    def test_talk_between_candidates_by_locks_on_shared_files(self, room: Room) -> None:
        program = """
            import fcntl, os, sys
            file = os.open(sys.executable, os.O_RDONLY)
            for lock in (lambda: fcntl.flock(file, fcntl.LOCK_SH),
                         lambda: fcntl.lockf(file, fcntl.LOCK_SH),
                         lambda: fcntl.fcntl(file, 1024, fcntl.F_RDLCK),
                         lambda: fcntl.fcntl(file, 1026, 1)):
                try: lock(); print("locked")
                except OSError: pass
        """
        assert "locked" not in room.try_to(program)

    # Attacks over a network.

    def test_loopback_tcp(self, room: Room) -> None:
        with listener(socket.AF_INET, ("127.0.0.1", 0)) as server:
            program = """
                import socket, sys
                socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
                print("connected")
            """
            assert "connected" not in room.try_to(program, str(server.getsockname()[1]))
            assert not was_reached(server)

    @pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_VSOCK", "AF_NETLINK"])
    def test_socket_of_family(self, room: Room, family: str) -> None:
        program = f"import socket; socket.socket(socket.{family}, 2); print('made')"
        assert "made" not in room.try_to(program)

    @pytest.mark.parametrize("kind", ["abstract", "path"])
    def test_unix_socket_of_the_host(
        self, room: Room, tmp_path_factory: pytest.TempPathFactory, kind: str
    ) -> None:
        token = secrets.token_hex(8)
        folder = tmp_path_factory.mktemp("s")
        address = f"\0{token}" if kind == "abstract" else str(folder / token)
        with listener(socket.AF_UNIX, address) as server:
            program = """
                import socket, sys
                address = sys.argv[1].replace("@", chr(0))
                socket.socket(socket.AF_UNIX).connect(address)
                print("connected")
            """
            assert "connected" not in room.try_to(program, address.replace("\0", "@"))
            assert not was_reached(server)
