"""A model on this machine, without a server."""

import hashlib
import importlib.util
import json
import subprocess  # noqa: TID251 - what samples is a process of its own
import sys
import threading
from pathlib import Path
from typing import Any

from filial.core import Failure, FailureKind, Reply, Request, Spend
from filial.errors import ConfigError
from filial.models.chat import Chat, ChatError, begun, joined
from filial.models.conversion import CARD

_MAX_ROWS = 32
_CACHE_BYTES = 384 << 20
_N_SEEDS = 2**32 - 1  # the last 32-bit number asks CTranslate2 for entropy
_NEEDED = ("ctranslate2", "tokenizers")


class Bundled:
    """Samples from a converted model on the CPU; the same request gives the same answers.

    All answers of a request are drawn in batches that read the prompt once. Nothing is loaded
    before the first request but the tokenizer; between requests no weights are in memory. One
    request is worked on at a time, others wait.

    Args:
        folder: What ``filial models fetch`` made.
        name: Which model, in the words of ``study.toml``.
        n_threads: Cores that one request uses.

    Attributes:
        name: As given.
        sha256: Digest of the weights it was converted from.

    Raises:
        ConfigError: The folder holds no converted model, or a library is missing.

    What this does not cover: answers are equal on processors with the same instructions, not on
    all. A request that ends with its process has the tokens of its prompt as spend, and no CPU
    time. A prefix that ends inside a word is continued from there, which the model was not taught.
    """

    def __init__(self, folder: Path, name: str, n_threads: int = 1) -> None:
        if missing := [lib for lib in _NEEDED if importlib.util.find_spec(lib) is None]:
            raise ConfigError(f"{name} needs {', '.join(missing)}: pip install 'filial[train]'")
        import tokenizers  # noqa: PLC0415 - slow to load

        self.name = name
        self._folder, self._n_threads = folder, n_threads
        try:
            facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
            template = (folder / "chat_template.jinja").read_text(encoding="utf-8")
            self._tokenizer = tokenizers.Tokenizer.from_str(
                (folder / "tokenizer.json").read_text(encoding="utf-8")
            )
            self.sha256: str = facts["source_sha256"]
            self._context_tokens: int = facts["context_tokens"]
            self._n_cached_tokens = _CACHE_BYTES // facts["cache_bytes_a_token"]
            self._end_tokens: list[str] = facts["end_tokens"]
            marks = {key: facts[key] for key in ("bos_token", "eos_token")}
            self._version = f"{name} {self.sha256[:12]} int8"
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(
                f"{folder} holds no converted model ({error}); try: filial models fetch {name}"
            ) from error
        special = (t for t in self._tokenizer.get_added_tokens_decoder().values() if t.special)
        self._chat = Chat(template, marks, [token.content for token in special])
        self._turn, self._state = threading.Lock(), threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._is_closed = False

    def count_tokens(self, text: str) -> int:
        """Returns how many tokens the text has for this model."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def worst(self, request: Request) -> Spend:
        """Returns a ceiling on the tokens that ``generate`` may cost."""
        try:
            n_prompt = self.count_tokens(self._text(request))
        except ChatError:
            return Spend()
        return Spend(tokens=n_prompt + request.n_answers * request.max_tokens)

    def generate(self, request: Request) -> Reply:
        """Returns ``request.n_answers`` answers; a single one at temperature 0, as all are equal.

        The spend counts the prompt's tokens once, since they are read once, those of every answer,
        and the CPU time of the process that samples.
        """
        try:
            prompt = self._tokenizer.encode(self._text(request), add_special_tokens=False)
        except ChatError as error:
            return self._failed(f"the chat template of {self.name} refuses: {error}")
        n_over = len(prompt.ids) + request.max_tokens - self._context_tokens
        if n_over > 0:
            return self._failed(
                f"the request has {len(prompt.ids)} tokens and up to {request.max_tokens} of an "
                f"answer: {n_over} too many for {self.name}; shorten the brief"
            )
        n_each = len(prompt.ids) + request.max_tokens
        job = {
            "prompt": prompt.tokens,
            "n_answers": request.n_answers if request.temperature else 1,
            "n_rows": max(1, min(_MAX_ROWS, self._n_cached_tokens // n_each)),
            "max_tokens": request.max_tokens,
            "end_tokens": self._end_tokens,
            "temperature": request.temperature,
            "seed": _seed(request.seed),
        }
        with self._turn:
            result = self._done(job)
        spend = Spend(tokens=len(prompt.ids), cpu_s=result.get("cpu_s", 0.0))
        if "ids" not in result:
            kind = FailureKind.MODEL if self._is_closed else FailureKind.MODEL_BUSY
            return self._failed(result["error"], kind, spend)
        answers = tuple(self._answer(request.prefix, prompt.ids, ids) for ids in result["ids"])
        spend = spend.plus(Spend(tokens=sum(map(len, result["ids"]))))
        return Reply(answers=answers, spend=spend, model=self._version)

    def close(self) -> None:
        """Ends the process that samples, in the middle of a request too."""
        with self._state:
            self._is_closed = True
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _text(self, request: Request) -> str:
        return self._chat.render(request) + begun(request.prefix)[0]

    def _answer(self, prefix: str, prompt: list[int], ids: list[int]) -> str:
        """An answer as text; beside its neighbours, where some tokenizers drop a first space."""
        before = self._tokenizer.decode(prompt[-4:], skip_special_tokens=True)
        after = self._tokenizer.decode(prompt[-4:] + ids, skip_special_tokens=True)
        return joined(prefix, after[len(before) :])

    def _done(self, job: dict[str, Any]) -> dict[str, Any]:
        """The result of a job; an ``error`` where there is none."""
        process = self._running()
        if process is None:
            return {"error": f"{self.name} is closed"}
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # it died, or was closed meanwhile
            line = ""
        if line.endswith("\n"):
            result: dict[str, Any] = json.loads(line)
            return result
        with self._state:
            is_closed, self._process = self._is_closed, None
        _end(process)
        if is_closed:
            return {"error": f"{self.name} was closed"}
        return {
            "error": f"the process of {self.name} ended with code {process.returncode}; "
            "is there memory for it?"
        }

    def _running(self) -> "subprocess.Popen[str] | None":
        """The process that samples, started where none runs; None if closed."""
        with self._state:
            if self._is_closed:
                return None
            if self._process is None:
                command = [sys.executable, "-P", "-m", "filial.models.sampling"]
                self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                    [*command, str(self._folder), str(self._n_threads)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    cwd="/",
                )
            return self._process

    def _failed(
        self, detail: str, kind: FailureKind = FailureKind.MODEL, spend: Spend | None = None
    ) -> Reply:
        failure = Failure(kind=kind, detail=detail)
        return Reply(answers=(), failure=failure, spend=spend or Spend(), model=self._version)


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None and not stream.closed:
            try:
                stream.close()
            except OSError:  # what was written to it and never read
                continue


def _seed(seed: int) -> int:
    digest = hashlib.blake2b(str(seed).encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _N_SEEDS
