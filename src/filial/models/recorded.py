"""Models whose answers are kept, so that a study can be repeated without them."""

import hashlib
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filial.core import Failure, FailureKind, Reply, Request
from filial.errors import HostError
from filial.models.base import LanguageModel

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One file: a request, what came back, and the digest of both."""

    format: int = _FORMAT
    model: str
    request: Request
    reply: Reply
    sha256: str = ""


class Recorded:
    """Answers each request as it was answered before; only a new one reaches the model.

    A call is one readable file, ``FOLDER/SHA-256.json``, named by the model's name and the whole
    request, the seed included, so equal requests have equal answers. A file is complete or absent,
    whenever the process ends. Failures are recorded too: without a model they are repeated, with
    one the request is asked again. A repeated answer costs what it cost when it was given, so a
    repeated study ends where the first one did.

    Args:
        name: The model's name, in the words of ``study.toml``.
        folder: Where the files are; made when the first is written.
        model: Who answers new requests, and is closed with this; None to call nobody.

    Attributes:
        name: The model's name.

    What this does not cover: who may write to the folder may change answers, if they mend the
    digests. A power cut may lose the last files.
    """

    def __init__(self, name: str, folder: Path, model: LanguageModel | None = None) -> None:
        self.name = name
        self._folder = folder
        self._model = model
        self._in_flight: set[str] = set()
        self._changed = threading.Condition()

    def generate(self, request: Request) -> Reply:
        """Returns the recorded answers, or the model's, or why there are none.

        Raises:
            HostError: The disk is full, or the folder cannot be written.
        """
        path = self._folder / f"{_digest(self.name, request)}.json"
        with self._alone(path.name):
            try:
                known = _read(path)
            except (OSError, ValueError):
                return self._failed(
                    f"the recording {path} is damaged; remove it and run again to ask the model"
                )
            if known is not None and (known.failure is None or self._model is None):
                return known
            if self._model is None:
                return self._failed(
                    f"there is no recording of this call to {self.name} and --offline is set; "
                    "run without --offline once"
                )
            reply = self._model.generate(request)
            self._write(path, request, reply)
        return reply

    def close(self) -> None:
        """Closes the model."""
        if self._model is not None:
            self._model.close()

    @contextmanager
    def _alone(self, digest: str) -> Iterator[None]:
        """Lets one thread at a time ask the same."""
        with self._changed:
            while digest in self._in_flight:
                self._changed.wait()
            self._in_flight.add(digest)
        try:
            yield
        finally:
            with self._changed:
                self._in_flight.remove(digest)
                self._changed.notify_all()

    def _write(self, path: Path, request: Request, reply: Reply) -> None:
        record = _signed(_Record(model=self.name, request=request, reply=reply))
        text = json.dumps(_plain(record), sort_keys=True, indent=2, ensure_ascii=False)
        data = text.encode("utf-8", "replace")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                aside = Path(file.name)
                try:
                    file.write(data)
                    file.flush()
                    aside.replace(path)
                except BaseException:
                    with suppress(OSError):
                        aside.unlink()
                    raise
        except OSError as error:
            raise HostError(f"cannot record in {self._folder}: {error.strerror}") from error

    def _failed(self, detail: str) -> Reply:
        failure = Failure(kind=FailureKind.MODEL, detail=detail)
        return Reply(answers=(), failure=failure, model=self.name)


def _read(path: Path) -> Reply | None:
    """Returns the recorded reply or None; OSError or ValueError if it is damaged."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    record = _adapter().validate_json(data, strict=True)
    if record.format != _FORMAT or _signed(record).sha256 != record.sha256:
        raise ValueError("it does not match its digest")
    if path.stem != _digest(record.model, record.request):
        raise ValueError("it is of another call")
    return record.reply


def _signed(record: _Record) -> _Record:
    """Returns the record with its digest."""
    return replace(record, sha256=_sha256(_plain(replace(record, sha256=""))))


def _digest(name: str, request: Request) -> str:
    """Returns the SHA-256 of the canonical JSON of a model's name and a request, hexadecimal."""
    of_call = _plain(_Record(model=name, request=request, reply=Reply(answers=())))
    return _sha256({"model": of_call["model"], "request": of_call["request"]})


def _sha256(data: object) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plain(record: _Record) -> dict[str, object]:
    """Returns a record as JSON's types, fields at their default left out."""
    data: dict[str, object] = _adapter().dump_python(record, mode="json", exclude_defaults=True)
    return data


@cache
def _adapter() -> "TypeAdapter[_Record]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - 0.1 s

    return TypeAdapter(_Record)
