"""Every decoder that reads bytes of a candidate or a proposer, with the rule it must keep.

The rule: any bytes are either decoded or refused in the decoder's own way; what was decoded can be
used and written again. The property tests and the programs under ``fuzz/`` try to break it.
"""
# ruff: noqa: S101 - a test suite that happens to be shipped

import io
import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from filial.config import load
from filial.core import (
    Arm,
    Brief,
    Candidate,
    Failure,
    FailureKind,
    Metric,
    Patch,
    Proposal,
    Proposed,
)
from filial.errors import ConfigError, TamperedLedger
from filial.exams import server
from filial.exams.base import Plain
from filial.exams.frames import Decoder, FrameError, encode
from filial.proposers import Replay
from filial.storages import codec
from filial.storages.chain import GENESIS, Row, check, seal
from filial.testing.decoder_seeds import DIFF, GONE, KITS, LINES, NEW, RENAME, SETTINGS, VALUES
from filial.testing.storage_contract import BODIES
from filial.workspace import Rules, patch_from_diff

FILES: Mapping[str, str] = {
    "a.py": "one\ntwo\nthree\nfour\nfive\nsix\nseven\n",
    "d/b.py": "x = 1\n" * 5 + "y = 2\n" + "x = 1\n" * 5,
    "end": "no line end",
    "empty": "",
}
"""The tree that patches are applied to."""
MAX_DETAIL = 400
"""Longest detail of a failure, in characters."""

_RULES = Rules(surfaces={"program": ("**",)})
_BRIEF = Brief(
    index=0,
    seed=0,
    goal="",
    metric=Metric("loss"),
    surfaces={"program": tuple(FILES)},
    files=FILES,
)
_DIFF_KINDS = {FailureKind.MALFORMED, FailureKind.UNSAFE, FailureKind.STALE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One decoder.

    Attributes:
        check: Decodes some bytes and returns whether they were accepted; an exception means that
            the decoder broke the rule.
        seeds: Inputs to start from; all are accepted.
        words: Parts of inputs worth trying.
    """

    check: Callable[[bytes], bool]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]


def framed(data: bytes) -> bytes:
    """Returns ``data`` as the bytes of a frame, so that a change inside it stays a frame.

    Up to the first zero byte it is the JSON, what follows are the arrays; after a leading ``!``
    it is all of the bytes as they are.
    """
    if data.startswith(b"!"):
        return data[1:]
    text, _, arrays = data.partition(b"\0")
    return len(text).to_bytes(4, "big") + text + arrays


def _unframed(data: bytes) -> bytes:
    end = 4 + int.from_bytes(data[:4], "big")
    return data[4:end] + b"\0" + data[end:]


def check_frames(data: bytes) -> bool:
    """Decodes :func:`framed` bytes, at once and in pieces; both ends agree on what they mean."""
    raw = framed(data)
    decoder = Decoder()
    try:
        found = list(decoder.feed(raw))
    except FrameError:
        assert _pieces_fail(raw)
        return False
    again = Decoder()
    pieces = [frame for i in range(0, len(raw), 7) for frame in again.feed(raw[i : i + 7])]
    assert [frame.n for frame in pieces] == [frame.n for frame in found]
    for frame, piece in zip(found, pieces, strict=True):
        assert same(frame.value, piece.value)
        if not frame.raised and not frame.refused:
            _check_value(frame.value)
    return bool(found)


def _pieces_fail(raw: bytes) -> bool:
    decoder = Decoder()
    try:
        for i in range(0, len(raw), 7):
            list(decoder.feed(raw[i : i + 7]))
    except FrameError:
        return True
    return False


def _check_value(value: Plain) -> None:
    """What came in can go out again, and the other end reads the same."""
    sent = encode(value, 5)
    (back,) = Decoder().feed(sent)
    assert same(back.value, value)
    ((n, read),) = server.questions(io.BufferedReader(io.BytesIO(sent)))
    assert n == 5
    assert same(read, value)
    (answered,) = Decoder().feed(b"".join(server.reply(6, None, lambda _: read)))
    assert not answered.refused
    assert same(answered.value, value)


def same(a: object, b: object) -> bool:
    """Whether two values are equal in type and content, arrays also in dtype and every byte."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


def check_diff(data: bytes) -> bool:
    """Applies a diff to ``FILES``; what follows a zero byte is the text of one more file."""
    diff, _, text = (part.decode(errors="surrogateescape") for part in data.partition(b"\0"))
    files = {**FILES, "f": text}
    patch = patch_from_diff(diff, files)
    if isinstance(patch, Failure):
        assert patch.kind in _DIFF_KINDS
        _check_detail(patch)
        return False
    _check_patch(patch, files)
    assert all(files.get(edit.path) != edit.text for edit in patch.edits)
    return True


def _check_patch(patch: Patch, files: Mapping[str, str]) -> None:
    _RULES.check(patch, files)
    assert all(isinstance(edit.text, str | None) for edit in patch.edits)
    assert len({edit.path for edit in patch.edits}) == len(patch.edits)


def _check_detail(failure: Failure) -> None:
    assert failure.detail
    assert len(failure.detail) <= MAX_DETAIL
    assert failure.detail.isprintable()


def check_replay(data: bytes) -> bool:
    """Reads one line of a replay; whatever it proposes can be put on record."""
    line = data.replace(b"\n", b" ").decode(errors="surrogateescape")
    proposal = Replay((line,), patch_from_diff).propose(_BRIEF)
    if proposal is None:
        assert not line.strip()
        return False
    event = _recorded(proposal)
    assert codec.decode("Proposed", codec.encode(event), seq=1) == event
    if proposal.failure is not None:
        assert proposal.failure.kind in _DIFF_KINDS
        assert not proposal.patch.edits
        _check_detail(proposal.failure)
        return False
    assert proposal.hypothesis.strip()
    assert proposal.predicted is None or math.isfinite(proposal.predicted.effect)
    if _RULES.check(proposal.patch, FILES) is None:
        _check_patch(proposal.patch, FILES)
    return True


def _recorded(proposal: Proposal) -> Proposed:
    candidate = Candidate(
        id="0" * 40,
        index=0,
        parent="",
        proposer="replay",
        arm=Arm.TREATMENT,
        hypothesis=proposal.hypothesis,
        predicted=proposal.predicted,
    )
    return Proposed(
        index=0,
        proposer="replay",
        arm=Arm.TREATMENT,
        parent="",
        hypothesis=proposal.hypothesis,
        candidate=None if proposal.failure else candidate,
        failure=proposal.failure,
    )


def check_event(data: bytes) -> bool:
    """Reads a ledger's row: the first line is the kind, the rest the body."""
    kind, _, text = data.partition(b"\n")
    name = kind.decode(errors="replace")
    row = Row(
        seq=1,
        at=0.0,
        kind=name,
        body=text,
        previous=GENESIS,
        digest=seal(1, 0.0, text, GENESIS),
    )
    try:
        body = codec.decode(name, text, seq=1)
    except TamperedLedger:
        body = None
    try:
        check([row], lambda _: True)
    except TamperedLedger:
        return False
    assert body is not None
    written = codec.encode(body)
    assert codec.encode(codec.decode(name, written, seq=1)) == written
    codec.content(body)
    return True


def check_settings(data: bytes) -> bool:
    """Reads a ``study.toml``."""
    path = _folder() / "study.toml"
    path.write_bytes(data)
    try:
        settings = load(path)
    except ConfigError:
        return False
    assert len(settings.digest()) == 64
    settings.budget.ceilings()
    return True


@cache
def _folder() -> Path:
    keeper = tempfile.TemporaryDirectory(prefix="filial-decoders-")
    _KEPT.append(keeper)
    return Path(keeper.name)


_KEPT: list["tempfile.TemporaryDirectory[str]"] = []  # removed when the process ends


READERS: Mapping[str, Reader] = {
    "frames": Reader(
        check=check_frames,
        seeds=(
            *(_unframed(encode(value, n)) for n, value in enumerate(VALUES)),
            b'{"n":3,"raised":"ZeroDivisionError: division by zero"}',
            b'{"n":3,"refused":"TypeError: a set"}',
            b"!" + encode(1, 0) + encode([np.ones(2)], 1),
        ),
        words=(
            b'"n":',
            b'"value":',
            b'"raised":',
            b'"refused":',
            b'"arrays":',
            b'{"$array":0}',
            b'["|b1",[1]]',
            b'["<f8",[0,2]]',
            b"1e999",
            b"NaN",
            b'"\\ud800"',
        ),
    ),
    "diffs": Reader(
        check=check_diff,
        seeds=tuple(
            text.encode() for text in (DIFF, NEW, RENAME, GONE, f"Words\n{DIFF}{NEW}-- \n")
        ),
        words=(
            b"diff --git a/f b/f\n",
            b"--- a/f\n+++ b/f\n",
            b"--- /dev/null\n",
            b"+++ /dev/null\n",
            b"@@ -1 +1 @@\n",
            b"@@ -1,2 +1,2 @@\n",
            b"rename from ",
            b"rename to ",
            b"new file mode 100644\n",
            b"new file mode 120000\n",
            b"deleted file mode 100644\n",
            b"\\ No newline at end of file\n",
            b"GIT binary patch",
        ),
    ),
    "replay": Reader(
        check=check_replay,
        seeds=tuple(json.dumps(line).encode() for line in LINES),
        words=(
            b'"hypothesis":"h"',
            b'"predicted":null',
            b'"metric":"\\ud800"',
            b'"effect":1e400',
            b'"files":{"a":null}',
            b'"diff":"@@ -1 +1 @@\\n"',
            b"NaN",
        ),
    ),
    "events": Reader(
        check=check_event,
        seeds=tuple(f"{type(body).__name__}\n{codec.encode(body)}".encode() for body in BODIES),
        words=(
            *(f"{kind}\n".encode() for kind in codec.KINDS),
            b'"kind":"RunStarted"',
            b'"failure":{"kind":"cpu"}',
            b'"\\ud800"',
            b"Infinity",
            b"NaN",
            b"1e999",
        ),
    ),
    "settings": Reader(
        check=check_settings,
        seeds=(SETTINGS.encode(), *(path.read_bytes() for path in KITS)),
        words=(b"[build]\n", b"[gate]\n", b'"15m"', b"inf", b"nan", b"2020-01-01", b"0x", b"{ "),
    ),
}
"""Every decoder by its name."""
