"""Weights into what CTranslate2 samples from; ``python -m filial.models.conversion`` does it.

The caller never loads torch: :func:`convert` starts a process of its own for it.
"""

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess  # noqa: TID251 - torch is to be gone when it is done
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filial.errors import ConfigError, HostError
from filial.models.catalogue import ModelCard, model_files, sha256_of

_NEEDED = ("ctranslate2", "safetensors", "tokenizers", "torch", "transformers")
_NEEDED_BY_GGUF = ("accelerate", "gguf")  # transformers asks for it
_ENDERS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "</s>")
_CACHE_BYTES_A_NUMBER = 4
_LARGE_BYTES = 500_000_000
CARD = "card.json"


def require_libraries(*, is_gguf: bool) -> None:
    """Checks that what converting needs is installed.

    Raises:
        ConfigError: It is not; the text says what to install.
    """
    needed = _NEEDED + _NEEDED_BY_GGUF if is_gguf else _NEEDED
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        raise ConfigError(
            f"converting a model needs {', '.join(missing)}: pip install 'filial[train]'"
        )


def convert(
    source: Path,
    target: Path,
    card: ModelCard,
    environment: Mapping[str, str],
    safetensors: Path | None = None,
) -> None:
    """Makes the folder ``target``: ``model.bin``, tokenizer, chat template and ``card.json``.

    Args:
        source: A GGUF file, or a folder of safetensors.
        target: Folder to make; complete or absent, at any time. Its parent exists.
        card: What ``source`` is; written down in ``card.json``.
        environment: Of the process that converts.
        safetensors: Folder to make of the weights as safetensors, which training needs; None if
            they are not wanted.

    Raises:
        ConfigError: The weights are of no kind that can be converted.
        HostError: The process was killed, for want of memory perhaps.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-") as name:
        made, weights = Path(name, "int8"), Path(name, "safetensors")
        command = [sys.executable, "-P", "-m", "filial.models.conversion"]
        command += [str(source), str(made), str(weights)]
        quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "TMPDIR": name}
        done = subprocess.run(  # noqa: S603 - this very module
            command, env={**environment, **quiet}, capture_output=True, check=False
        )
        if done.returncode:
            raise _failure(card, done)
        _finish(made, card)
        if safetensors is not None and weights.is_dir():
            if safetensors.exists():
                shutil.rmtree(safetensors)
            weights.replace(safetensors)
        made.replace(target)


def _failure(card: ModelCard, done: "subprocess.CompletedProcess[bytes]") -> Exception:
    if done.returncode < 0:
        return HostError(
            f"converting {card.name} was ended by signal {-done.returncode}; "
            "is there memory for it?"
        )
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return ConfigError(
        f"cannot convert {card.name}: {lines[-1].strip() if lines else 'no reason'}"
    )


def _finish(made: Path, card: ModelCard) -> None:
    """Completes the card: what it was made of, by what, and the digest of every file."""
    facts = json.loads((made / CARD).read_text(encoding="utf-8"))
    files = [p for p in sorted(made.iterdir()) if p.name != CARD]
    facts |= {
        "name": card.name,
        "licence": card.licence,
        "source_sha256": card.sha256,
        "versions": {name: importlib.metadata.version(name) for name in _NEEDED},
        "files": {file.name: sha256_of(file) for file in files},
    }
    (made / CARD).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def main(source: Path, made: Path, weights: Path) -> None:
    """Converts ``source`` to ``made``; the weights of a GGUF file also go to ``weights``."""
    from ctranslate2.converters import (  # type: ignore[import-untyped] # noqa: PLC0415 - heavy
        TransformersConverter,
    )

    if source.is_dir():
        # Links to data files only: pickled weights and code beside them cannot be chosen.
        weights = made.parent / "data"
        weights.mkdir()
        for file in model_files(source):
            (weights / file.name).symlink_to(file)
    else:
        _dequantise(source, weights)
    TransformersConverter(str(weights)).convert(str(made), quantization="int8")
    shutil.copyfile(weights / "tokenizer.json", made / "tokenizer.json")
    (made / "chat_template.jinja").write_text(_template(weights), encoding="utf-8")
    facts = _facts(weights)
    (made / CARD).write_text(json.dumps(facts), encoding="utf-8")


def _dequantise(gguf: Path, weights: Path) -> None:
    import torch  # noqa: PLC0415 - heavy
    import transformers  # noqa: PLC0415 - heavy

    # Without ``dequantize`` the model says it is quantised, and refuses to be saved.
    plain = transformers.GgufConfig(dequantize=True)
    kind = torch.float32 if gguf.stat().st_size < _LARGE_BYTES else torch.bfloat16
    model = transformers.AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=kind, quantization_config=plain
    )
    model.save_pretrained(weights)
    tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.save_pretrained(weights)


def _template(weights: Path) -> str:
    file = weights / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    given = _json(weights / "tokenizer_config.json").get("chat_template")
    if not isinstance(given, str):
        raise SystemExit("it has no chat template, so it is no model that was taught to answer")
    return given


def _facts(weights: Path) -> dict[str, Any]:
    """What sampling must know of the model."""
    config, tokens = _json(weights / "config.json"), _json(weights / "tokenizer_config.json")
    added = _json(weights / "tokenizer.json")["added_tokens"]
    controls = {token["content"] for token in added if token["special"]}
    eos, bos = _text_of(tokens.get("eos_token")), _text_of(tokens.get("bos_token"))
    heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    numbers = 2 * config["num_hidden_layers"] * config.get("num_key_value_heads", heads) * head_dim
    return {
        "context_tokens": config["max_position_embeddings"],
        "cache_bytes_a_token": numbers * _CACHE_BYTES_A_NUMBER,
        "bos_token": bos,
        "eos_token": eos,
        "end_tokens": sorted({t for t in (eos, *_ENDERS) if t in controls}),
    }


def _text_of(token: object) -> str:
    """A token as text; a configuration may hold it as an object."""
    if isinstance(token, dict):
        token = token.get("content")
    return token if isinstance(token, str) else ""


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # noqa: TID251 - a process of its own
    main(*map(Path, sys.argv[1:]))
