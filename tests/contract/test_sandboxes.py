"""The sandbox contract at every level, and what only one back-end promises."""

from functools import cache

import pytest

from filial.errors import SandboxError
from filial.sandboxes import Level, Sandbox, at
from filial.testing.sandbox_contract import SandboxContract


@cache
def _at(level: Level) -> Sandbox:
    try:
        return at(level)
    except SandboxError as error:
        pytest.skip(str(error))


class TestLandlock(SandboxContract):
    make = "from filial.sandboxes import Landlock; sandbox = Landlock()"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _at(Level.L2)


class TestBubblewrap(SandboxContract):
    make = "from filial.sandboxes import Bubblewrap; sandbox = Bubblewrap()"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _at(Level.L3)


class TestBubblewrapWithControlGroup(SandboxContract):
    make = "from filial.sandboxes import Bubblewrap, Level; sandbox = Bubblewrap(Level.L4)"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _at(Level.L4)
