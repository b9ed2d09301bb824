"""Small histories told step by step, for tests of what proposers may know."""

from dataclasses import dataclass, field

from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Body,
    Calibrated,
    Candidate,
    Comparison,
    Decision,
    Failure,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Prediction,
    Promoted,
    Proposed,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)

TOLD = Metric("loss", unit="nats", direction="min", smallest_effect=0.01)
TOLD_GUARD = Metric("memory", unit="MiB", direction="min", tolerance=50.0)
TOLD_SIGMA = 0.02
_START, _USUAL = 3.0, 400.0


@dataclass(slots=True)
class Told:
    """A study in which losses begin at 3.0, and a gain is what a test says it is.

    Attributes:
        history: The state so far.
        bodies: What happened, in order.
        n_proposals: How many proposals there were.
        levels: The loss of each candidate, by its id.
    """

    history: History = field(default_factory=History)
    bodies: list[Body] = field(default_factory=list)
    n_proposals: int = 0
    levels: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = Candidate(
            id="f0", index=-1, parent="", proposer="user", arm=Arm.TREATMENT, hypothesis="begin"
        )
        self.levels["f0"] = _START
        self._propose(first)
        self.promoted("f0")

    def tell(self, body: Body) -> None:
        """Has something happen."""
        self.history.apply(body)
        self.bodies.append(body)

    def proposed(
        self,
        hypothesis: str = "idea",
        *,
        parent: str = "f0",
        arm: Arm = Arm.TREATMENT,
        proposer: str = "model",
        predicted: float | None = None,
    ) -> str:
        """Adds a candidate, and returns its id, which fills the label of a confirmation."""
        index, self.n_proposals = self.n_proposals, self.n_proposals + 1
        stated = None if predicted is None else Prediction(metric=TOLD.name, effect=predicted)
        made = Candidate(
            id=f"{index:012}ff",
            index=index,
            parent=parent,
            proposer=proposer,
            arm=arm,
            hypothesis=hypothesis,
            predicted=stated,
        )
        self._propose(made)
        return made.id

    def refused(self, failure: Failure, hypothesis: str = "idea", arm: Arm = Arm.TREATMENT) -> int:
        """Adds a proposal that became no candidate, and returns its number."""
        index, self.n_proposals = self.n_proposals, self.n_proposals + 1
        self.tell(
            Proposed(
                index=index,
                proposer="model",
                arm=arm,
                parent="f0",
                hypothesis=hypothesis,
                failure=failure,
            )
        )
        return index

    def dev(
        self,
        candidate: str,
        gain: float = 0.0,
        *,
        fraction: float = 1.0,
        memory: float = _USUAL,
        failure: Failure | None = None,
    ) -> None:
        """Has a candidate run a dev trial beside the incumbent, on the seed of its generation."""
        opponent = self.history.opponent_of(self.history.standings[candidate].candidate.arm)
        k = self.history.screen_seed(opponent)
        label = f"dev/{k}" if fraction == 1 else f"dev/{k}@{fraction:g}"
        if label not in self.history.standings[opponent].trials:
            self._run(opponent, Split.DEV, label, (self.levels[opponent], _USUAL), fraction)
        self.levels[candidate] = self.levels[opponent] - gain
        values = self.levels[candidate], memory
        self._run(candidate, Split.DEV, label, values, fraction, failure)

    def confirm(
        self, candidate: str, value: float = _START, k: int = 0, failure: Failure | None = None
    ) -> None:
        """Has a candidate run a trial of its confirmation."""
        label = f"confirm/{candidate[:12]}/{k}"
        self._run(candidate, Split.CONFIRM, label, (value, _USUAL), 1.0, failure)

    def verdict(
        self,
        candidate: str,
        decision: Decision,
        *,
        alpha: float = 0.0,
        reason: str = "",
        comparison: Comparison | None = None,
    ) -> None:
        """Has the gate speak."""
        arm = self.history.standings[candidate].candidate.arm
        made = Verdict(
            candidate=candidate,
            incumbent=self.history.opponent_of(arm),
            decision=decision,
            judged=Judged.RECIPE,
            reason=reason,
            policy="",
            alpha=alpha,
            comparison=comparison,
        )
        self.tell(VerdictReached(verdict=made, arm=arm))

    def approval(self, candidate: str, *, granted: bool) -> None:
        """Has oversight answer."""
        answer = Approval(granted=granted, by="a person", reason="an inkling")
        self.tell(ApprovalGiven(candidate=candidate, approval=answer))

    def promoted(self, candidate: str) -> None:
        """Makes a candidate the incumbent, with a dev seed of its own."""
        number = len(self.history.generations)
        hypothesis = self.history.standings[candidate].candidate.hypothesis
        made = Generation(number=number, candidate=candidate, commit="")
        self.tell(Promoted(generation=made, hypothesis=hypothesis))
        noise = Noise(sigma=TOLD_SIGMA, n_values=8)
        self.tell(Calibrated(noise=noise, screen_k=10 * number, generation=number))

    def wins(self, hypothesis: str = "idea", gain: float = 0.1, proposer: str = "model") -> str:
        """Has a proposal go all the way, and returns its id."""
        made = self.proposed(
            hypothesis, parent=self.history.incumbent.candidate, proposer=proposer
        )
        self.dev(made, gain)
        self.confirm(made)
        self.verdict(made, Decision.PROMOTE, alpha=0.01)
        self.approval(made, granted=True)
        self.promoted(made)
        return made

    def _propose(self, made: Candidate) -> None:
        self.tell(
            Proposed(
                index=made.index,
                proposer=made.proposer,
                arm=made.arm,
                parent=made.parent,
                hypothesis=made.hypothesis,
                candidate=made,
            )
        )

    def _run(
        self,
        candidate: str,
        split: Split,
        label: str,
        values: tuple[float, float],
        fraction: float,
        failure: Failure | None = None,
    ) -> None:
        spec = TrialSpec(
            candidate=candidate,
            split=split,
            build_seed=0,
            exam_seed=0,
            label=label,
            fraction=fraction,
        )
        names = TOLD.name, TOLD_GUARD.name
        found = tuple(
            Measurement(metric=name, value=value)
            for name, value in zip(names, values, strict=True)
        )
        measurements = () if failure else found
        made = Trial(spec=spec, level="L3", measurements=measurements, failure=failure)
        self.tell(TrialFinished(trial=made))
