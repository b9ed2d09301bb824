"""What every sandbox promises, as tests: subclass ``SandboxContract`` and supply ``sandbox``.

Each test runs a small, often hostile, program inside. The names say what is attacked.
"""

from pathlib import Path
from typing import ClassVar

import pytest

from filial.sandboxes.base import Sandbox
from filial.testing.sandbox_contract.ceilings import CeilingContract
from filial.testing.sandbox_contract.harm import HarmContract
from filial.testing.sandbox_contract.room import Room
from filial.testing.sandbox_contract.secrecy import SecrecyContract
from filial.testing.sandbox_contract.service import ServiceContract

__all__ = ["SandboxContract"]


class SandboxContract(ServiceContract, CeilingContract, SecrecyContract, HarmContract):
    """The contract of ``Sandbox``.

    Attributes:
        make: Python source that binds a fresh sandbox like the fixture's to ``sandbox``.
    """

    make: ClassVar[str]

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        """Supplies the sandbox under test."""
        raise NotImplementedError

    @pytest.fixture
    def room(self, sandbox: Sandbox, tmp_path: Path) -> Room:
        """Folders to run programs in."""
        return Room(sandbox, tmp_path)
