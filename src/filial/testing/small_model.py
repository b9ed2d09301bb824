"""A language model of some kilobytes that speaks nonsense, for tests of what surrounds models."""

import json
from pathlib import Path

import numpy as np

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_WIDTH, _HIDDEN, _N_LAYERS, _N_HEADS, _CONTEXT_TOKENS = 32, 64, 2, 2, 256


def small_model(folder: Path, seed: int = 0) -> Path:
    """Makes ``folder``: a Llama of random weights in safetensors, with a byte-level tokenizer.

    Args:
        folder: Made; must not exist.
        seed: Of the weights.

    Returns:
        ``folder``, for ``Shelf.fetch`` to convert.
    """
    import tokenizers  # noqa: PLC0415 - of an extra
    from safetensors.numpy import save_file  # noqa: PLC0415 - of an extra

    folder.mkdir()
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    words = {word: n for n, word in enumerate([*_SPECIAL, *letters])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens([tokenizers.AddedToken(w, special=True) for w in _SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(_weights(len(words), seed), folder / "model.safetensors", {"format": "pt"})
    _write(
        folder / "config.json",
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        hidden_size=_WIDTH,
        intermediate_size=_HIDDEN,
        num_hidden_layers=_N_LAYERS,
        num_attention_heads=_N_HEADS,
        num_key_value_heads=_N_HEADS,
        max_position_embeddings=_CONTEXT_TOKENS,
        vocab_size=len(words),
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        dtype="float32",
    )
    _write(
        folder / "tokenizer_config.json",
        tokenizer_class="PreTrainedTokenizerFast",
        **dict(zip(("unk_token", "bos_token", "eos_token"), _SPECIAL, strict=True)),
    )
    (folder / "chat_template.jinja").write_text(_TEMPLATE, encoding="utf-8")
    return folder


def _weights(n_words: int, seed: int) -> dict[str, np.ndarray]:
    shapes = {"model.embed_tokens.weight": (n_words, _WIDTH)}
    for layer in range(_N_LAYERS):
        at = f"model.layers.{layer}."
        shapes |= {f"{at}self_attn.{which}_proj.weight": (_WIDTH, _WIDTH) for which in "qkvo"}
        shapes |= {f"{at}mlp.{which}_proj.weight": (_HIDDEN, _WIDTH) for which in ("gate", "up")}
        shapes[f"{at}mlp.down_proj.weight"] = (_WIDTH, _HIDDEN)
    rng = np.random.default_rng(seed)
    weights = {
        name: (rng.standard_normal(shape) * 0.3).astype(np.float32)
        for name, shape in shapes.items()
    }
    norms = [f"model.layers.{n}.{w}" for n in range(_N_LAYERS) for w in _NORMS]
    ones = np.ones(_WIDTH, np.float32)
    return weights | {f"{name}.weight": ones.copy() for name in (*norms, "model.norm")}


_NORMS = ("input_layernorm", "post_attention_layernorm")


def _write(path: Path, **fields: object) -> None:
    path.write_text(json.dumps(fields), encoding="utf-8")
