"""Generations as commits: what ``git log`` tells about a study."""

from collections.abc import Callable
from dataclasses import dataclass

from filial.core import Candidate, Generation, History, Verdict
from filial.reports.words import one_line
from filial.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Commits promoted candidates as F0, F1 and so on.

    Attributes:
        workspace: The repository.
        history: Returns the study's state, for what a generation cost.
        unit: Unit of the primary metric.
        clock: Returns Unix time in seconds.
    """

    workspace: Workspace
    history: Callable[[], History]
    unit: str
    clock: Callable[[], float]

    def commit(self, number: int, candidate: Candidate, verdict: Verdict | None) -> Generation:
        """Returns generation ``number``, committed and tagged; the same if called again."""
        message = self._message(number, candidate, verdict)
        commit = self.workspace.commit(
            candidate.id, number=number, message=message, at=int(self.clock())
        )
        return Generation(number=number, candidate=candidate.id, commit=commit)

    def _message(self, number: int, candidate: Candidate, verdict: Verdict | None) -> str:
        # In one line each: a hypothesis must not write lines of evidence of its own.
        lines = [f"F{number}: {one_line(candidate.hypothesis)}", ""]
        if candidate.predicted is not None:
            predicted = candidate.predicted
            lines.append(f"Predicted: {one_line(predicted.metric)} {predicted.effect:+.4g}")
        if verdict is not None and verdict.comparison is not None:
            found = verdict.comparison
            lines += [
                f"Measured: {found.metric} {found.estimate:+.4g} {self.unit}",
                f"Interval: [{found.lower:+.4g}, {found.upper:+.4g}]",
                f"Pairs: {len(found.differences)}",
                f"Evidence: E = {found.e_value:.4g}, needed {_threshold(verdict)}",
                f"Judged as: {verdict.judged}",
            ]
        spend = self.history().spend
        lines += [
            f"Cost so far: {spend.trials} trials, {spend.cpu_s:.0f} CPU-seconds",
            f"Proposed by: {candidate.proposer}",
            f"Candidate: {candidate.id}",
        ]
        return "\n".join(lines) + "\n"


def _threshold(verdict: Verdict) -> str:
    return f"{1 / verdict.alpha:.4g}" if verdict.alpha else "exact verification"
