"""The sandbox contract at every level, and what only one back-end promises."""

from collections.abc import Callable
from functools import cache

import pytest

from filial.errors import SandboxError
from filial.sandboxes import Bubblewrap, Landlock, Level, Namespaces, Sandbox
from filial.sandboxes.selftest import probes
from filial.testing.sandbox_contract import SandboxContract


@cache
def _passing(make: Callable[..., Sandbox], *arguments: Level) -> Sandbox:
    """The back-end, if it passes its self-test here."""
    try:
        sandbox = make(*arguments)
    except SandboxError as error:
        pytest.skip(str(error))
    failed = [row for row in probes(sandbox) if row.is_failure]
    if failed:
        pytest.skip(str(failed))
    return sandbox


class TestLandlock(SandboxContract):
    make = "from filial.sandboxes import Landlock; sandbox = Landlock()"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _passing(Landlock)


class TestBubblewrap(SandboxContract):
    make = "from filial.sandboxes import Bubblewrap; sandbox = Bubblewrap()"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _passing(Bubblewrap)


class TestBubblewrapWithControlGroup(SandboxContract):
    make = "from filial.sandboxes import Bubblewrap, Level; sandbox = Bubblewrap(Level.L4)"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _passing(Bubblewrap, Level.L4)


class TestNamespaces(SandboxContract):
    make = "from filial.sandboxes import Namespaces; sandbox = Namespaces()"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _passing(Namespaces)


class TestNamespacesWithControlGroup(SandboxContract):
    make = "from filial.sandboxes import Level, Namespaces; sandbox = Namespaces(Level.L4)"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _passing(Namespaces, Level.L4)
