"""What every storage must do, as a pytest class: subclass it and override ``storage``."""

# ruff: noqa: S101 - a test suite asserts

import hashlib
import json
from dataclasses import replace

import pytest

from filial.core import (
    AnswersUnread,
    Approval,
    ApprovalGiven,
    Arm,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Comparison,
    Decision,
    EvidenceBought,
    ExamAudited,
    Failure,
    FailureKind,
    Finding,
    Generation,
    GuardCheck,
    Incident,
    IncidentClosed,
    Judged,
    Measurement,
    Noise,
    Prediction,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    Severity,
    Spared,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.errors import TamperedLedger
from filial.storages.base import Storage
from filial.storages.codec import encode

_TREE, _CHILD = "a1" * 20, "b2" * 20
_SPEC = TrialSpec(
    candidate=_TREE,
    split=Split.CONFIRM,
    build_seed=2**64 - 1,
    exam_seed=2**63 + 5,
    label="confirm/12",
)
_F0 = Generation(number=0, candidate=_TREE, commit="c3" * 20)

BODIES: tuple[Body, ...] = (
    StudyOpened(
        name="sums",
        goal="Füge Zahlen schneller zusammen",
        version="0.1.0",
        config="0" * 64,
        exam="1" * 64,
        data="",
        secret="2" * 64,
        policy="3" * 64,
    ),
    RunStarted(workers=2, level="L3"),
    Proposed(
        index=0,
        proposer="operators",
        arm=Arm.TREATMENT,
        parent=_TREE,
        hypothesis="A larger learning rate trains faster",
        candidate=Candidate(
            id=_CHILD,
            index=0,
            parent=_TREE,
            proposer="operators",
            arm=Arm.TREATMENT,
            hypothesis="A larger learning rate trains faster",
            predicted=Prediction(metric="bits_per_byte", effect=0.05),
        ),
        spend=Spend(wall_s=0.01, tokens=12),
    ),
    Proposed(
        index=1,
        proposer="replay",
        arm=Arm.CONTROL,
        parent=_TREE,
        hypothesis="",
        failure=Failure(kind=FailureKind.SYNTAX, detail="model.py:3: invalid syntax"),
    ),
    CalibrationPlanned(n_trials=4),
    TrialFinished(
        trial=Trial(
            spec=_SPEC,
            level="L3",
            measurements=(
                Measurement(metric="bits_per_byte", value=2.123456789012345),
                Measurement(metric="peak_memory", value=123.0),
            ),
            spend=Spend(wall_s=12.345678901234567, cpu_s=11.345678901234567),
        )
    ),
    TrialFinished(
        trial=Trial(spec=_SPEC, level="L2", failure=Failure(kind=FailureKind.CPU, detail="20 s"))
    ),
    Calibrated(noise=Noise(sigma=0.1 + 0.2, n_values=4), screen_k=1),
    VerdictReached(
        verdict=Verdict(
            candidate=_CHILD,
            incumbent=_TREE,
            decision=Decision.PROMOTE,
            judged=Judged.RECIPE,
            reason="E = 41 reached 1/alpha = 40",
            policy="4" * 64,
            alpha=0.025,
            comparison=Comparison(
                metric="bits_per_byte",
                differences=(0.1, 0.2, 1e-300),
                estimate=0.12,
                lower=float("-inf"),
                upper=0.3,
                e_value=41.0,
            ),
            guards=(GuardCheck(metric="peak_memory", harm=-1.0, tolerance=5.0),),
        ),
        arm=Arm.TREATMENT,
    ),
    ApprovalGiven(
        candidate=_CHILD, approval=Approval(granted=True, by="envelope", reason="within it")
    ),
    Promoted(generation=_F0, hypothesis="the initial code"),
    Audited(
        before=_F0,
        after=Generation(number=1, candidate=_CHILD, commit="d4" * 20),
        split="sealed",
        differences=(0.25, 0.5),
        lower=0.1,
        upper=0.6,
        item_variance=0.2,
    ),
    ExamAudited(
        exam="e5" * 32,
        findings=(
            Finding(
                check="constant answers",
                severity=Severity.ERROR,
                message="the answer 0 scores 0.9",
                fix="balance the labels",
            ),
            Finding(check="reference", severity=Severity.NOTE, message="there is none"),
        ),
    ),
    Incident(number=1, candidate=_CHILD, label="dev/0", detail="it opened the decoy"),
    Incident(number=2, candidate=_CHILD, label="", detail="a known cheat passed for a gain"),
    IncidentClosed(number=1, by="ada", note="a backup read it"),
    Incident(number=3, candidate=_CHILD, label="", detail="F1 did not hold up", voids=False),
    IncidentClosed(number=3, by="ada", note="it was luck", voids=True),
    Spared(candidate=_CHILD, reason="gain -0.01 share on the dev pair"),
    AnswersUnread(proposer="api", arm=Arm.TREATMENT, spend=Spend(tokens=700, usd=0.01)),
    EvidenceBought(candidate=_CHILD, n_pairs=8, reason="not enough evidence after 16 pairs"),
    RunStopped(reason="budget: wall_s"),
)
"""At least one body of every kind, with every optional part present once and absent once."""


class StorageContract:
    """Tests of :class:`filial.storages.base.Storage`. Override the fixture ``storage``."""

    @pytest.fixture
    def storage(self) -> Storage:
        """Returns an empty storage, open for writing."""
        raise NotImplementedError

    def reopened(self, storage: Storage) -> Storage:
        """Returns the same storage as a later process would open it."""
        return storage

    def changed(self, storage: Storage, seq: int, old: str, new: str) -> Storage:
        """Returns the storage as a later process finds it after somebody changed a stored body.

        Args:
            storage: The storage; not used again.
            seq: Number of the event.
            old: What to replace in the body's JSON text.
            new: What to put there.
        """
        raise NotImplementedError

    def test_events_come_back_in_order_as_appended(self, storage: Storage) -> None:
        """What ``append`` returns is what readers read, numbered from 1."""
        appended = [storage.append(body) for body in BODIES]
        assert [event.body for event in appended] == list(BODIES)
        assert [event.seq for event in appended] == list(range(1, len(BODIES) + 1))
        assert list(storage.events()) == appended
        assert list(self.reopened(storage).events()) == appended

    def test_events_after_a_number(self, storage: Storage) -> None:
        """``after`` leaves out what is known already."""
        for body in BODIES[:4]:
            storage.append(body)
        assert [event.seq for event in storage.events(after=2)] == [3, 4]
        assert not list(storage.events(after=4))
        assert not list(storage.events(after=99))

    def test_an_empty_storage_has_no_events(self, storage: Storage) -> None:
        """Nothing is there before the first ``append``."""
        assert not list(storage.events())
        assert storage.verify() == 0

    def test_digests_chain_the_canonical_json(self, storage: Storage) -> None:
        """``digest`` is SHA-256 over ``[seq, at, body, previous]``."""
        previous = "0" * 64
        for event in [storage.append(body) for body in BODIES]:
            assert event.previous == previous
            text = json.dumps(
                [event.seq, event.at, json.loads(encode(event.body)), event.previous],
                sort_keys=True,
                separators=(",", ":"),
                ensure_ascii=False,
            )
            assert event.digest == hashlib.sha256(text.encode()).hexdigest()
            previous = event.digest

    @pytest.mark.parametrize("after", [0, 1, 2])
    def test_a_changed_event_is_never_yielded(self, storage: Storage, after: int) -> None:
        """One digit in a body: readers get what is before it, then an error that names it."""
        body = RunStarted(workers=12, level="L3")
        events = [storage.append(body) for _ in range(4)]
        found = self.changed(storage, 3, "12", "13").events(after)
        assert [next(found) for _ in range(after, 2)] == events[after:2]
        with pytest.raises(TamperedLedger, match="event 3 does not match its digest"):
            next(found)

    def test_writing_goes_on_after_reopening(self, storage: Storage) -> None:
        """The chain continues where the last process left it."""
        first = storage.append(BODIES[0])
        later = self.reopened(storage)
        second = later.append(BODIES[1])
        assert (second.seq, second.previous) == (2, first.digest)
        assert later.verify() == 2

    def test_a_body_that_cannot_be_written_adds_nothing(self, storage: Storage) -> None:
        """An ill-typed body raises and leaves the ledger as it was."""
        storage.append(BODIES[1])
        with pytest.raises(ValueError, match="workers"):
            storage.append(RunStarted(workers="two", level="L3"))  # type: ignore[arg-type]
        assert storage.append(BODIES[1]).seq == 2
        assert storage.verify() == 2

    def test_blobs_come_back_by_digest(self, storage: Storage) -> None:
        """Equal bytes have one digest: their SHA-256."""
        for data in (b"", b"\0\xff" * 1000):
            digest = storage.put(data)
            assert digest == hashlib.sha256(data).hexdigest()
            assert storage.put(data) == digest
            assert storage.get(digest) == data
            storage = self.reopened(storage)
            assert storage.get(digest) == data

    @pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "A" * 64])
    def test_an_unknown_blob_is_an_error(self, storage: Storage, digest: str) -> None:
        """A missing blob never reads as empty."""
        with pytest.raises(TamperedLedger, match="blob"):
            storage.get(digest)

    def test_verify_counts_events_and_finds_the_blobs_they_need(self, storage: Storage) -> None:
        """An event whose blob is missing is named."""
        finished = BODIES[5]
        assert isinstance(finished, TrialFinished)
        storage.append(replace(finished, items=storage.put(b"values")))
        assert storage.verify() == 1
        storage.append(replace(finished, items="f" * 64))
        with pytest.raises(TamperedLedger, match="event 2 refers to the blob f"):
            storage.verify()

    def test_close_may_be_called_twice(self, storage: Storage) -> None:
        """Closing is idempotent."""
        storage.append(BODIES[0])
        storage.close()
        storage.close()
