"""How a run is asked to stop."""

import os
import signal
from pathlib import Path

import pytest

from filial.errors import Stopped
from filial.stopping import StopSwitch


def test_nobody_asked(tmp_path: Path) -> None:
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        switch.check()
    assert switch.signal is None


def test_a_file_is_a_request(tmp_path: Path) -> None:
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        (tmp_path / "stop").touch()
        with pytest.raises(Stopped, match=r"^stopped by request$"):
            switch.check()
        (tmp_path / "stop").unlink()
        with pytest.raises(Stopped, match=r"^stopped by request$"):
            switch.check()  # it stays asked


def test_a_request_from_before_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "stop").touch()
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        switch.check()


def test_the_request_is_taken_away_afterwards(tmp_path: Path) -> None:
    with StopSwitch(tmp_path / "stop").armed():
        (tmp_path / "stop").touch()
    assert not (tmp_path / "stop").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_a_request(tmp_path: Path, number: signal.Signals) -> None:
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped, match=f"^stopped by {number.name}$"):
            switch.check()
    assert switch.signal == number


def test_a_second_signal_interrupts_hard(tmp_path: Path) -> None:
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_signals_mean_afterwards_what_they_meant_before(tmp_path: Path) -> None:
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed():
        during = {n: signal.getsignal(n) for n in before}
    with pytest.raises(Stopped, match="in between"), switch.armed():
        raise Stopped("in between")
    assert not set(during.values()) & set(before.values())
    assert {n: signal.getsignal(n) for n in before} == before


def test_a_signal_cuts_off_work_that_may_be_cut_off(tmp_path: Path) -> None:
    switch = StopSwitch(tmp_path / "stop")
    with switch.armed(), pytest.raises(Stopped, match="stopped by SIGINT"), switch.at_once():
        signal.raise_signal(signal.SIGINT)
    assert switch.signal == signal.SIGINT
