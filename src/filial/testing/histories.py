"""Made-up studies: realistic histories for tests, documentation and looking at reports."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from filial import stats
from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Audited,
    Body,
    Budget,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Comparison,
    Decision,
    Event,
    EvidenceBought,
    Failure,
    FailureKind,
    Generation,
    GuardCheck,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Prediction,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
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

EXAMPLE_PRIMARY = Metric("bits_per_byte", unit="bits/byte", direction="min", smallest_effect=0.01)
EXAMPLE_BUDGET = Budget(wall_s=8 * 3600, cpu_s=40 * 3600, trials=5000)

_N_CALIBRATION = 8
_MAX_PAIRS = 10
_MORE_PAIRS = 5
_SPARED = 0.05
_SIGMA = 0.028
_IDEAS: tuple[tuple[str, float], ...] = (
    ("Rotary positions generalise better than learned ones", 0.33),
    ("Muon on the matrices converges in fewer steps than AdamW", 0.28),
    ("A warm-up and linear decay of the learning rate lowers the final loss", 0.11),
    ("RMSNorm without bias saves time for more steps", 0.03),
    ("Squared ReLU trains faster than GELU at this width", 0.05),
    ("Tied embeddings free parameters for one more block", 0.02),
    ("Shorter contexts early in training give more updates", 0.06),
    ("A larger batch lowers gradient noise late in training", -0.04),
    ("Dropout of 0.1 regularises the small model", -0.09),
    ("QK-norm allows a higher learning rate", -0.02),
    ("Label smoothing prevents over-confidence on rare bytes", -0.12),
    ("Gradient clipping at 0.5 avoids the spikes of some seeds", 0.015),
    ("Weight decay of 0.2 instead of 0.01", 0.0),
    ("Perturb number 64 in model.py:18 to 80", -0.01),
    ("Perturb number 0.0003 in optim.py:9 to 0.0006", 0.04),
    ("Sampling long files less often balances the training data", 0.012),
)
_TROUBLES = (
    Failure(kind=FailureKind.CRASH, detail="RuntimeError: shapes (64, 80) and (64, 64) differ"),
    Failure(kind=FailureKind.CPU, detail="45 CPU-seconds used"),
    Failure(kind=FailureKind.NON_FINITE, detail="bits_per_byte is nan"),
    Failure(kind=FailureKind.ARTIFACT, detail="model.safetensors was not written"),
)
_CAUGHT = Failure(kind=FailureKind.TRIPWIRE, detail="it opened the decoy answers.json")
_REFUSALS = (
    Failure(kind=FailureKind.SYNTAX, detail="optim.py:31: invalid syntax"),
    Failure(kind=FailureKind.DUPLICATE, detail="this tree was judged before"),
    Failure(kind=FailureKind.PROTECTED, detail="exam.py is on no surface"),
)
_REFUSED, _FAILED, _CHEATED = 0.05, 0.10, 0.12  # cumulative shares of proposals


def example_events(n_candidates: int, seed: int) -> list[Event]:
    """Returns the events of a made-up study of a small language model.

    Effects, noise, failures and costs resemble real ones, and the verdicts follow a simple
    sequential rule. The digests are numbered placeholders: no ledger would verify them.

    Args:
        n_candidates: Number of proposals, of all arms.
        seed: The only source of chance.
    """
    study = _Study(world=_World(rng=np.random.default_rng(seed)))
    return list(study.events(n_candidates))


def example_history(n_candidates: int, seed: int) -> History:
    """Returns the history over :func:`example_events`."""
    return History.of(example_events(n_candidates, seed))


def example_diffs(history: History) -> dict[int, str]:
    """Returns a short unified diff for each generation of ``history`` after F0."""
    return {
        g.number: (
            "diff --git a/optim.py b/optim.py\n--- a/optim.py\n+++ b/optim.py\n"
            "@@ -7,6 +7,7 @@ def make_optimizer(model):\n     params = list(model.parameters())\n"
            f"-    lr = {3 * g.number}e-4\n+    lr = {6 * g.number}e-4\n"
            "+    betas = (0.9, 0.95)  # <shorter memory>\n     return AdamW(params, lr=lr)\n"
        )
        for g in history.generations
        if g.number
    }


def _digest(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


@dataclass(slots=True)
class _Book:
    at: float = 1_760_000_000.0
    seq: int = 0
    previous: str = "0" * 64

    def event(self, body: Body, seconds: float = 0.2) -> Event:
        self.seq += 1
        self.at += seconds
        digest = _digest(self.previous, self.seq)
        event = Event(seq=self.seq, at=self.at, body=body, previous=self.previous, digest=digest)
        self.previous = digest
        return event


@dataclass(slots=True)
class _World:
    rng: np.random.Generator
    effects: dict[str, float] = field(default_factory=dict)

    def arm(self) -> Arm:
        return (Arm.PLACEBO, Arm.CONTROL, Arm.CANARY, Arm.TREATMENT)[
            int(self.rng.choice(4, p=(0.08, 0.17, 0.04, 0.71)))
        ]

    def idea(self, arm: Arm, n_found: int) -> tuple[str, float]:
        if arm is Arm.PLACEBO:
            return "No-op: a renamed local variable", 0.0
        if arm is Arm.CANARY:
            return "Known cheat: the answers read from a file", 0.0
        if arm is Arm.CONTROL:
            return "Random edit of the initial code", float(self.rng.normal(-0.08, 0.05))
        idea, effect = _IDEAS[int(self.rng.integers(len(_IDEAS)))]
        # What has been found once gives less the second time.
        worn = effect * 0.7**n_found if effect > 0 else effect
        return idea, worn + float(self.rng.normal(0, 0.005))

    def trial(
        self, candidate: str, split: Split, label: str, k: int, failure: Failure | None = None
    ) -> Trial:
        shared = 0.05 * math.sin(12.9898 * (k + 1) + (7.0 if split is Split.CONFIRM else 0.0))
        noise = float(self.rng.normal(0, _SIGMA / math.sqrt(2)))
        value = 2.80 - self.effects[candidate] + shared + noise
        measurements = (
            ()
            if failure
            else (
                Measurement(metric=EXAMPLE_PRIMARY.name, value=value),
                Measurement(metric="peak_memory", value=410 + float(self.rng.normal(0, 4))),
            )
        )
        cpu_s = float(self.rng.uniform(3, 20) if failure else self.rng.normal(30, 1.2))
        spec = TrialSpec(candidate=candidate, split=split, build_seed=k, exam_seed=k, label=label)
        return Trial(
            spec=spec,
            level="L3",
            measurements=measurements,
            failure=failure,
            spend=Spend(wall_s=cpu_s * 1.05, cpu_s=cpu_s),
        )


@dataclass(slots=True)
class _Study:
    world: _World
    book: _Book = field(default_factory=_Book)
    lineage: list[Generation] = field(default_factory=list)
    spent: dict[bool, list[tuple[float, bool]]] = field(
        default_factory=lambda: {True: [], False: []}
    )

    def events(self, n_candidates: int) -> Iterator[Event]:
        initial = {"index": -1, "proposer": "", "arm": Arm.TREATMENT, "parent": ""}
        initial["hypothesis"] = "The initial code"
        first = Candidate(id=_digest("F0")[:40], **initial)  # type: ignore[arg-type]
        self.world.effects[first.id] = 0.0
        yield self.book.event(
            StudyOpened(
                name="bytelm",
                goal="Lower held-out bits per byte of a small language model",
                version="0.1.0",
                **{k: _digest(k) for k in ("config", "exam", "data", "secret", "policy")},
            )
        )
        yield self.book.event(RunStarted(workers=2, level="L3"))
        yield self.book.event(Proposed(**initial, candidate=first))  # type: ignore[arg-type]
        yield self._promote(first)
        yield self.book.event(CalibrationPlanned(n_trials=_N_CALIBRATION))
        for k in range(_N_CALIBRATION):
            yield self._run(first.id, Split.DEV, f"calibrate/{k}", k)
        yield self.book.event(Calibrated(noise=Noise(sigma=_SIGMA, n_values=8), screen_k=0))
        for index in range(n_candidates):
            yield from self._proposal(index)
        yield self.book.event(RunStopped(reason="the budget of 8 h wall clock is used up"))

    def _proposal(self, index: int) -> Iterator[Event]:
        arm = self.world.arm()
        faced = self.lineage[0 if arm is Arm.CONTROL else -1].candidate
        idea, effect = self.world.idea(arm, len(self.lineage) - 1)
        spend = Spend(tokens=1800, usd=0.004) if arm is Arm.TREATMENT else Spend()
        about = {
            "index": index,
            "proposer": "operators" if arm is Arm.TREATMENT else str(arm),
            "arm": arm,
            "parent": faced,
            "hypothesis": idea,
        }
        luck = self.world.rng.random()
        if luck < _REFUSED:
            yield self.book.event(
                Proposed(**about, failure=_REFUSALS[index % len(_REFUSALS)], spend=spend)  # type: ignore[arg-type]
            )
            return
        predicted = (
            Prediction(metric=EXAMPLE_PRIMARY.name, effect=round(abs(effect) * 1.5 + 0.01, 3))
            if arm is Arm.TREATMENT
            else None
        )
        candidate = Candidate(id=_digest(idea, index)[:40], predicted=predicted, **about)  # type: ignore[arg-type]
        self.world.effects[candidate.id] = self.world.effects[faced] + effect
        yield self.book.event(Proposed(**about, candidate=candidate, spend=spend))  # type: ignore[arg-type]
        if arm is Arm.CANARY:
            yield from self._fails(candidate, faced, _CAUGHT)
        elif luck < _FAILED:
            yield from self._fails(candidate, faced, _TROUBLES[index % len(_TROUBLES)])
        elif luck < _CHEATED:
            invalid = Failure(kind=FailureKind.INVALID, detail="probabilities sum to 1.7")
            yield from self._fails(candidate, faced, invalid)
        else:
            yield from self._judged(candidate, faced)

    def _run(
        self, candidate: str, split: Split, label: str, k: int, failure: Failure | None = None
    ) -> Event:
        return self._record(self.world.trial(candidate, split, label, k, failure))

    def _record(self, trial: Trial) -> Event:
        return self.book.event(TrialFinished(trial=trial), trial.spend.wall_s / 2)

    def _fails(self, candidate: Candidate, faced: str, failure: Failure) -> Iterator[Event]:
        yield self._run(candidate.id, Split.DEV, "dev/0", 0, failure)
        cheated = failure.kind in {FailureKind.INVALID, FailureKind.TRIPWIRE}
        decision = Decision.VOID if cheated else Decision.REJECT
        yield self._verdict(candidate, faced, decision, f"Its trial failed: {failure}")

    def _judged(self, candidate: Candidate, faced: str) -> Iterator[Event]:
        yield self._run(candidate.id, Split.DEV, "dev/0", 0)
        truth = self.world.effects[candidate.id] - self.world.effects[faced]
        if truth + float(self.world.rng.normal(0, _SIGMA)) < 0:
            reason = "No gain on the screening seed"
            if self.world.rng.random() >= _SPARED or candidate.arm is not Arm.TREATMENT:
                yield self._verdict(candidate, faced, Decision.REJECT, reason)
                return
            yield self.book.event(Spared(candidate=candidate.id, reason=reason))
        yield from self._confirmed(candidate, faced)

    def _confirmed(self, candidate: Candidate, faced: str) -> Iterator[Event]:
        spent = self.spent[candidate.arm is Arm.CONTROL]
        alpha = stats.e_lord_alpha(spent)
        gains: list[float] = []
        n_pairs = _MAX_PAIRS
        while len(gains) < n_pairs:
            k = len(gains)
            label = f"confirm/{candidate.id[:12]}/{k}"
            pair = [self.world.trial(c, Split.CONFIRM, label, k) for c in (faced, candidate.id)]
            for trial in pair:
                yield self._record(trial)
            before, after = (trial[EXAMPLE_PRIMARY.name].value for trial in pair)
            gains.append(EXAMPLE_PRIMARY.gain(before, after))
            comparison = _compared(gains)
            if k >= 2 and (comparison.e_value >= 1 / alpha or comparison.upper < 0.01):
                break
            if k + 1 == _MAX_PAIRS and comparison.e_value > 1:
                n_pairs += _MORE_PAIRS
                bought = f"{_MORE_PAIRS} more would be enough"
                yield self.book.event(
                    EvidenceBought(candidate=candidate.id, n_pairs=_MORE_PAIRS, reason=bought)
                )
        decision, reason = _decided(comparison, alpha)
        spent.append((alpha, decision is Decision.PROMOTE))
        if candidate.arm is Arm.CONTROL and decision is Decision.PROMOTE:
            reason = "A gain over F0, in the control arm"
        yield self._verdict(candidate, faced, decision, reason, (comparison, alpha))
        if decision is Decision.PROMOTE and candidate.arm is Arm.TREATMENT:
            yield from self._approve(candidate)

    def _verdict(
        self,
        candidate: Candidate,
        faced: str,
        decision: Decision,
        reason: str,
        evidence: tuple[Comparison, float] | None = None,
    ) -> Event:
        guard = GuardCheck(metric="peak_memory", harm=6.2, tolerance=64.0)
        return self.book.event(
            VerdictReached(
                verdict=Verdict(
                    candidate=candidate.id,
                    incumbent=faced,
                    decision=decision,
                    judged=Judged.RECIPE,
                    reason=reason,
                    policy=_digest("policy"),
                    alpha=evidence[1] if evidence else 0.0,
                    comparison=evidence[0] if evidence else None,
                    guards=(guard,) if evidence else (),
                ),
                arm=candidate.arm,
            )
        )

    def _approve(self, candidate: Candidate) -> Iterator[Event]:
        approval = Approval(granted=True, by="envelope", reason="within the limits")
        yield self.book.event(ApprovalGiven(candidate=candidate.id, approval=approval))
        yield self._promote(candidate)
        if len(self.lineage) % 3 == 0:
            yield from self._audit()

    def _promote(self, candidate: Candidate) -> Event:
        generation = Generation(
            number=len(self.lineage),
            candidate=candidate.id,
            commit=_digest("commit", candidate.id)[:40],
        )
        self.lineage.append(generation)
        return self.book.event(Promoted(generation=generation, hypothesis=candidate.hypothesis))

    def _audit(self) -> Iterator[Event]:
        before, after = self.lineage[0], self.lineage[-1]
        for k in range(5):
            for generation in (before, after):
                label = f"sealed/F{before.number}-F{after.number}/{k}"
                yield self._run(generation.candidate, Split.SEALED, label, k)
        truth = self.world.effects[after.candidate] - self.world.effects[before.candidate]
        gains = tuple(float(g) for g in self.world.rng.normal(0.95 * truth, _SIGMA, size=5))
        mean, half = sum(gains) / 5, 2.78 * _SIGMA / math.sqrt(5)
        yield self.book.event(
            Audited(
                before=before,
                after=after,
                split="sealed",
                differences=gains,
                lower=mean - half,
                upper=mean + half,
            )
        )


def _compared(gains: list[float]) -> Comparison:
    n, mean = len(gains), sum(gains) / len(gains)
    error = _SIGMA / math.sqrt(n)
    evidence = max(0.0, mean / error) ** 2 / 2 * n / (n + 1)
    return Comparison(
        metric=EXAMPLE_PRIMARY.name,
        differences=tuple(gains),
        estimate=mean * 0.25 / (0.25 + error),
        lower=mean - 1.96 * error,
        upper=mean + 1.96 * error,
        e_value=math.exp(min(evidence, 40.0)) / math.sqrt(n + 1),
    )


def _decided(comparison: Comparison, alpha: float) -> tuple[Decision, str]:
    n, needed = len(comparison.differences), 1 / alpha
    if comparison.e_value >= needed and comparison.estimate >= 0.01:
        return Decision.PROMOTE, f"E = {comparison.e_value:.3g} after {n} pairs"
    if comparison.upper < 0.01 or comparison.e_value >= needed:
        return Decision.REJECT, "A gain of 0.01 bits/byte is out of reach"
    return Decision.UNDECIDED, f"Not enough evidence after {n} pairs"
