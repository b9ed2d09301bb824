"""Every limit ends the tree and is named."""

# A suite: its names say what each test is, and it asserts.
# ruff: noqa: S101, D102

import secrets

import pytest

from filial.sandboxes.base import EndedBy
from filial.testing.sandbox_contract.room import SLEEPER, Room, named, within


class CeilingContract:
    """Programs that want more than they may have."""

    def test_wall_clock(self, room: Room) -> None:
        outcome = room.run(SLEEPER, limits=within(wall_s=0.3))
        assert outcome.ended_by is EndedBy.WALL
        assert outcome.wall_s >= 0.3

    def test_busy_loop_deaf_to_signals(self, room: Room) -> None:
        program = """
            import signal
            for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            while True:
                pass
        """
        outcome = room.run(program, limits=within(cpu_s=0.4))
        assert outcome.ended_by is EndedBy.CPU
        assert outcome.cpu_s >= 0.4

    @pytest.mark.parametrize("reaping", ["SIG_DFL", "SIG_IGN"])
    def test_cpu_time_of_many_processes_is_summed(self, room: Room, reaping: str) -> None:
        program = f"""
            import os, signal, time
            signal.signal(signal.SIGCHLD, signal.{reaping})
            for _ in range(4):
                if os.fork() == 0:
                    while time.process_time() < 10: pass
            time.sleep(60)
        """
        outcome = room.run(program, limits=within(cpu_s=0.8))
        assert outcome.ended_by is EndedBy.CPU
        assert outcome.cpu_s >= 0.8

    def test_cpu_time_of_the_dead_counts(self, room: Room) -> None:
        program = """
            import os, time
            for _ in range(3):
                if os.fork() == 0:
                    while time.process_time() < 0.2: pass
                    os._exit(0)
            for _ in range(3):
                os.wait()
        """
        outcome = room.run(program)
        assert outcome.ended_by is EndedBy.EXIT
        assert outcome.cpu_s >= 0.5

    def test_memory_hog(self, room: Room) -> None:
        program = """
            kept = []
            for _ in range(300):
                kept.append(b"x" * (1 << 20))
            import time; time.sleep(60)
        """
        outcome = room.run(program)
        assert outcome.ended_by is EndedBy.MEMORY

    def test_memory_of_many_processes_is_summed(self, room: Room) -> None:
        program = """
            import os, time
            for _ in range(4):
                if os.fork() == 0:
                    kept = b"x" * (60 << 20)
                    time.sleep(60)
            time.sleep(60)
        """
        assert room.run(program).ended_by is EndedBy.MEMORY

    def test_short_program_has_a_peak_of_memory(self, room: Room) -> None:
        peak_bytes = room.run("kept = b'x' * (20 << 20)").memory_peak_bytes
        assert 0 < peak_bytes < 128 << 20

    def test_files_that_were_read_and_written_are_no_memory(self, room: Room) -> None:
        program = """
            import os, time
            path = os.environ["FILIAL_OUT"] + "/file"
            for _ in range(20):
                with open(path, "wb") as file:
                    file.write(b"x" * (8 << 20))
                with open(path, "rb") as file:
                    while file.read(1 << 20): pass
                time.sleep(0.02)
        """
        outcome = room.run(program)
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 0), outcome
        assert outcome.memory_peak_bytes < 64 << 20

    def test_shared_pages_count_once(self, room: Room) -> None:
        program = """
            import os, time
            kept = b"x" * (50 << 20)
            for _ in range(4):
                if os.fork() == 0:
                    time.sleep(0.3)
                    os._exit(0)
            for _ in range(4):
                os.wait()
        """
        outcome = room.run(program)
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 0)
        assert outcome.memory_peak_bytes >= 50 << 20

    def test_fork_bomb(self, room: Room) -> None:
        token = secrets.token_hex(8)
        program = """
            import os, time
            for _ in range(200):
                try:
                    if os.fork() == 0: time.sleep(60)
                except OSError:
                    pass
            time.sleep(60)
        """
        assert room.run(program, token).ended_by is EndedBy.PROCESSES
        assert not named(token)

    def test_endless_output(self, room: Room) -> None:
        program = """
            import os
            for _ in range(1 << 15):
                os.write(1, b"x" * (1 << 16))
        """
        outcome = room.run(program)
        assert outcome.ended_by is EndedBy.OUTPUT
        assert len(outcome.stdout) == 64 << 10

    def test_disk_filled_by_one_file(self, room: Room) -> None:
        program = """
            import os, time
            with open(os.environ["FILIAL_OUT"] + "/big", "wb") as file:
                for _ in range(64):
                    file.write(b"x" * (1 << 20))
            time.sleep(60)
        """
        assert room.run(program).ended_by is EndedBy.DISK
        assert (room.out / "big").stat().st_size <= 17 << 20

    def test_disk_filled_by_many_files(self, room: Room) -> None:
        program = """
            import os, time
            for name in range(1100):
                open(f"{os.environ['FILIAL_OUT']}/{name}", "w").close()
            time.sleep(60)
        """
        assert room.run(program, limits=within(disk_bytes=4 << 20)).ended_by is EndedBy.DISK

    def test_disk_filled_out_of_sight_by_deep_nesting(self, room: Room) -> None:
        program = """
            import os, time
            os.chdir(os.environ["FILIAL_OUT"])
            for _ in range(30):
                os.mkdir("d" * 200)
                os.chdir("d" * 200)
            time.sleep(60)
        """
        assert room.run(program).ended_by is EndedBy.DISK
