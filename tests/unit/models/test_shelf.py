"""What is on the shelf, and what is said when it is not."""

import hashlib
import json
from pathlib import Path

import pytest

from filial.errors import ConfigError
from filial.models import conversion
from filial.models.catalogue import CARDS
from filial.models.shelf import Shelf

NAME = "smollm2-135m-instruct"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, {})


def put(shelf: Shelf, **facts: object) -> Path:
    """Puts a folder on the shelf that looks converted."""
    folder = shelf.folder(CARDS[NAME])
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    given = {
        "source_sha256": CARDS[NAME].sha256,
        "files": {"model.bin": hashlib.sha256(b"weights").hexdigest()},
    }
    (folder / "card.json").write_text(json.dumps(given | facts))
    return folder


def test_a_model_that_was_not_fetched_is_told_how(shelf: Shelf) -> None:
    assert not shelf.has(CARDS[NAME])
    for ask in (shelf.open, shelf.check):
        with pytest.raises(ConfigError, match=f"try: filial models fetch {NAME}"):
            ask(NAME)


def test_a_converted_model_is_fetched_once(shelf: Shelf) -> None:
    folder = put(shelf)
    assert shelf.has(CARDS[NAME])
    assert shelf.fetch(NAME) == folder


def test_every_byte_is_checked(shelf: Shelf) -> None:
    folder = put(shelf)
    assert shelf.check(NAME) is None
    (folder / "model.bin").write_bytes(b"weight5")
    assert shelf.check(NAME) == f"{folder / 'model.bin'} was changed"
    (folder / "model.bin").unlink()
    assert shelf.check(NAME) == f"{folder / 'model.bin'} is missing"


def test_a_model_made_of_other_weights_is_noticed(shelf: Shelf) -> None:
    folder = put(shelf, source_sha256="0" * 64)
    assert shelf.check(NAME) == f"{folder} was made of other weights"


def test_a_folder_without_a_model_is_refused(shelf: Shelf) -> None:
    put(shelf)
    with pytest.raises(ConfigError, match="holds no converted model"):
        shelf.open(NAME)


def test_missing_libraries_are_named_before_anything_is_fetched(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "_NEEDED", ("no_such_library",))
    with pytest.raises(
        ConfigError, match=r"needs no_such_library.*: pip install 'filial\[train\]'"
    ):
        shelf.fetch(NAME)
