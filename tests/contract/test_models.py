"""Every language model keeps the contract of the seam."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from filial.core import Request
from filial.models import LanguageModel, Recorded
from filial.models.shelf import Shelf
from filial.testing.model_contract import ModelContract
from filial.testing.models import FakeModel
from filial.testing.small_model import small_model


def colours(request: Request) -> Sequence[str]:
    digest = hashlib.sha256(repr(request).encode()).hexdigest()
    return [f"colour {digest[n : n + 6]}" for n in range(request.n_answers)]


class TestFake(ModelContract):
    def make(self) -> LanguageModel:
        return FakeModel(colours)


class TestRecorded(ModelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make(self) -> LanguageModel:
        return Recorded("fake", self.folder, FakeModel(colours))

    def test_a_closed_model_fails_in_one_sentence(self, model: LanguageModel) -> None:
        """What was recorded is repeated, closed or not."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, str]:
    folder = tmp_path_factory.mktemp("models")
    shelf = Shelf(folder / "cache", dict(os.environ))  # noqa: TID251 - of the child
    name = str(small_model(folder / "small"))
    shelf.fetch(name)
    return shelf, name


@pytest.mark.slow
@pytest.mark.torch
class TestBundled(ModelContract):
    @pytest.fixture(autouse=True)
    def _small(self, small: tuple[Shelf, str]) -> None:
        self.shelf, self.model_name = small

    def make(self) -> LanguageModel:
        return self.shelf.open(self.model_name)
