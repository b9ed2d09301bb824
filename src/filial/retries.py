"""A second chance for parked ideas: what was undecided yesterday may help tomorrow's incumbent."""

from dataclasses import dataclass

from filial.core import Arm, Candidate, Failure, History, Proposed
from filial.workspace import Rules, Workspace, screen

RETRY = "retry"
_MAX_PARKED = 16
_AGAIN = "again, on the new incumbent: "


@dataclass(frozen=True, slots=True)
class Retries:
    """After a promotion, puts each parked change on top of the new incumbent and proposes that.

    A change is parked when its confirmation stayed undecided, or when another challenger became
    the incumbent first. It is retried once for each new incumbent it meets: in its merged form it
    is a candidate of its own, with fresh seeds and a fresh share of the error budget. A change
    that touches the same lines as the promoted one is left to the proposers.

    Attributes:
        workspace: Merges trees.
        rules: What may be edited.
    """

    workspace: Workspace
    rules: Rules

    def next(self, history: History) -> Proposed | None:
        """Returns the next retry as proposal ``history.n_proposals``, or None."""
        sound = history.sound_generations
        if len(sound) < 2:
            return None
        before, incumbent = (generation.candidate for generation in sound[-2:])
        for candidate_id in dict.fromkeys(history.survivors[-_MAX_PARKED:]):
            standing = history.standings[candidate_id]
            if candidate_id in history.voided:
                continue
            if standing.is_parked and standing.verdict and standing.verdict.incumbent == before:
                tree = self.workspace.merge(before, incumbent, candidate_id)
                if not isinstance(tree, Failure) and self._passes(tree, history):
                    return self._propose(history.n_proposals, standing.candidate, incumbent, tree)
        return None

    def _passes(self, tree: str, history: History) -> bool:
        return screen(self.workspace.read(tree), tree, history.standings) is None

    def _propose(self, index: int, idea: Candidate, incumbent: str, tree: str) -> Proposed:
        made = Candidate(
            id=tree,
            index=index,
            parent=incumbent,
            proposer=RETRY,
            arm=Arm.TREATMENT,
            hypothesis=_AGAIN + idea.hypothesis.removeprefix(_AGAIN),
            predicted=idea.predicted,
            n_tokens=self.workspace.n_tokens(tree, self.rules),
        )
        return Proposed(
            index=index,
            proposer=RETRY,
            arm=made.arm,
            parent=incumbent,
            hypothesis=made.hypothesis,
            candidate=made,
        )
