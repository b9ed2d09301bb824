"""``filial models``: what is listed, and what is said of a model that is not here."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from filial.cli.models import app
from filial.errors import ConfigError
from filial.models.catalogue import CARDS
from filial.models.shelf import Shelf

NAME = "smollm2-135m-instruct"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIAL_CACHE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")


def test_every_model_is_listed_with_its_size_licence_and_state(tmp_path: Path) -> None:
    folder = Shelf(tmp_path, {}).folder(CARDS[NAME])
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    lines = CliRunner().invoke(app, ["list"]).stdout.splitlines()
    words = [line.split()[:4] for line in lines]
    assert [NAME, "98", "Apache-2.0", "yes"] in words
    assert ["qwen2.5-coder-1.5b-instruct", "1,117", "Apache-2.0", "no"] in words


@pytest.mark.parametrize("command", ["check", "fetch"])
def test_an_unknown_model_is_an_error(command: str) -> None:
    with pytest.raises(ConfigError, match="do you mean smollm2-135m-instruct"):
        CliRunner().invoke(app, [command, "smollm2"], catch_exceptions=False)


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    folder = Shelf(tmp_path, {}).folder(CARDS[NAME])
    folder.mkdir(parents=True)
    (folder / "model.bin").write_text("x")
    sha256 = CARDS[NAME].sha256
    (folder / "card.json").write_text(
        f'{{"source_sha256": "{sha256}", "files": {{"model.bin": "0"}}}}'
    )
    done = CliRunner().invoke(app, ["check", NAME])
    assert done.exit_code == 1
    assert "model.bin was changed; try: filial models fetch" in done.stderr
