"""The local models of one cache folder."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from filial.errors import ConfigError
from filial.models.bundled import Bundled
from filial.models.catalogue import Local, ModelCard, card_of, sha256_of
from filial.models.conversion import CARD, convert, require_libraries
from filial.models.fetching import alone, fetch


def _silent(_: str) -> None:
    pass


class Shelf:
    """Fetches, converts, checks and opens models; several processes may share the folder.

    Every model has a folder named after the digest of its weights: ``int8`` is what is sampled
    from, ``weights.gguf`` what was fetched, ``safetensors`` what training starts from.

    Args:
        cache: Filial's cache folder; made when needed.
        environment: Of the processes that fetch and convert.
        say: Told of each step that takes long, one line.
    """

    def __init__(
        self,
        cache: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None] = _silent,
    ) -> None:
        self._cache = cache
        self._environment = environment
        self._say = say

    def folder(self, card: ModelCard) -> Path:
        """Returns where the model is, or would be, once converted."""
        return self._home(card) / "int8"

    def has(self, card: ModelCard) -> bool:
        """Whether the model is fetched and converted; nothing is read."""
        return (self.folder(card) / CARD).is_file()

    def fetch(self, model: str, *, safetensors: bool = False) -> Path:
        """Makes a model ready, if it is not, and returns its folder.

        The weights as fetched are removed once they are converted.

        Args:
            model: A name of the catalogue, or a path of the user's own.
            safetensors: Whether to keep the weights for training, too, as ``safetensors`` beside
                the folder; a user's own folder has them.

        Raises:
            ConfigError: No such model, or it cannot be converted.
            HostError: It cannot be fetched or stored.
        """
        card = card_of(model)
        home = self._home(card)
        with alone(home, self._say):
            if self.has(card) and (not safetensors or (home / "safetensors").is_dir()):
                return self.folder(card)
            own = next((s.path for s in card.sources if isinstance(s, Local)), None)
            require_libraries(is_gguf=own is None or own.is_file())
            source = own or self._fetched(card, home)
            self._say(f"converting {card.name}")
            target = self.folder(card)
            if target.exists():
                shutil.rmtree(target)
            convert(
                source,
                target,
                card,
                self._environment,
                home / "safetensors" if safetensors else None,
            )
            (home / "weights.gguf").unlink(missing_ok=True)
        return self.folder(card)

    def check(self, model: str) -> str | None:
        """Returns what is wrong with a model on this shelf, or None if every byte is right.

        Raises:
            ConfigError: No such model in the catalogue, or it was not fetched.
        """
        card = card_of(model)
        folder = self._ready(card)
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if facts.get("source_sha256") != card.sha256:
            return f"{folder} was made of other weights"
        for name, digest in facts["files"].items():
            if not (folder / name).is_file():
                return f"{folder / name} is missing"
            if sha256_of(folder / name) != digest:
                return f"{folder / name} was changed"
        return None

    def open(self, model: str, n_threads: int = 1) -> Bundled:
        """Returns the model, ready to answer.

        Raises:
            ConfigError: No such model, or it was not fetched yet.
        """
        card = card_of(model)
        return Bundled(self._ready(card), model, n_threads)

    def _home(self, card: ModelCard) -> Path:
        return self._cache / "models" / card.sha256

    def _ready(self, card: ModelCard) -> Path:
        if not self.has(card):
            raise ConfigError(f"{card.name} is not here yet; try: filial models fetch {card.name}")
        return self.folder(card)

    def _fetched(self, card: ModelCard, home: Path) -> Path:
        weights = home / "weights.gguf"
        if not weights.is_file():
            fetch(card, weights, self._environment, self._say)
        return weights
