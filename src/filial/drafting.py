"""From "what next?" to a tree that deserves a trial: steps 1 to 4 of the story."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from filial.archives.base import Archive
from filial.core import (
    Arm,
    Brief,
    Candidate,
    Failure,
    History,
    Metric,
    Proposal,
    Proposed,
    Seeds,
    Spend,
)
from filial.proposers import choose
from filial.proposers.base import Proposer
from filial.retries import Retries
from filial.workspace import Rules, Workspace, screen

_MAX_DONORS = 4
ARMS = {"placebo": Arm.PLACEBO, "control": Arm.CONTROL, "canary": Arm.CANARY}
"""Proposers whose candidates are never promoted, by name; all others write for the treatment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Selects a parent, has a proposal written, builds its tree and screens it.

    Attributes:
        goal: The study's goal.
        metric: The primary metric.
        rules: What may be edited.
        parts: The kit's parts bin.
        proposers: By name.
        shares: How much of the writing each does; the control arm also gets no more of the trials.
        archive: Chooses parents.
        workspace: Holds the trees.
        seeds: Source of the proposals' seeds; no secret, so that a seed reproduces proposals.
        retries: Gives parked ideas a second chance; None in studies that replay a script.
    """

    goal: str
    metric: Metric
    rules: Rules
    parts: Mapping[str, str]
    proposers: Mapping[str, Proposer]
    shares: Mapping[str, float]
    archive: Archive
    workspace: Workspace
    seeds: Seeds
    retries: Retries | None

    def draft(self, history: History) -> Proposed | None:
        """Returns the next proposal, judged by the screens; None if nobody has one."""
        retried = self.retries.next(history) if self.retries else None
        if retried is not None:
            return retried
        index = history.n_proposals
        seed = self.seeds.of("proposal", index)
        shares = dict(self.shares)
        if self._is_overdrawn(history):
            del shares["control"]
        while not set(shares) <= set(ARMS):
            name = choose(shares, seed)
            arm = ARMS.get(name, Arm.TREATMENT)
            parent = self._parent(arm, history, seed)
            proposal = self.proposers[name].propose(self._brief(index, seed, parent, history))
            if proposal is not None:
                return self._build(index, name, arm, parent, proposal, history)
            del shares[name]
        return None

    def _is_overdrawn(self, history: History) -> bool:
        """Whether the control arm has had more than its share of trials, as lucky ones cost."""
        spent = history.spend_by_arm.get(Arm.CONTROL, Spend()).trials
        n_trials = sum(spend.trials for spend in history.spend_by_arm.values())
        share = self.shares.get("control", 0.0) / sum(self.shares.values())
        return spent > share * n_trials

    def _parent(self, arm: Arm, history: History, seed: int) -> str:
        if arm is not Arm.TREATMENT:
            # A placebo must differ from what it faces by nothing, so it edits the incumbent.
            return history.opponent_of(arm)
        return self.archive.select(history, seed)

    def _brief(self, index: int, seed: int, parent: str, history: History) -> Brief:
        return Brief(
            index=index,
            seed=seed,
            goal=self.goal,
            metric=self.metric,
            surfaces=self.workspace.surfaces_of(parent, self.rules),
            files=self.workspace.read(parent),
            parts=self.parts,
            donors=tuple(self._donors(parent, history)),
        )

    def _donors(self, parent: str, history: History) -> Iterator[Mapping[str, str]]:
        newest = dict.fromkeys(reversed(history.survivors[-4 * _MAX_DONORS :]))
        for candidate in list(newest)[:_MAX_DONORS]:
            if candidate != parent and candidate not in history.voided:
                yield self.workspace.read(candidate)

    def _build(
        self,
        index: int,
        name: str,
        arm: Arm,
        parent: str,
        proposal: Proposal,
        history: History,
    ) -> Proposed:
        tree = proposal.failure or self.workspace.apply(parent, proposal.patch, self.rules)
        if not isinstance(tree, Failure):
            tree = screen(self.workspace.read(tree), tree, history.standings) or tree
        made = None
        if not isinstance(tree, Failure):
            made = Candidate(
                id=tree,
                index=index,
                parent=parent,
                proposer=name,
                arm=arm,
                hypothesis=proposal.hypothesis,
                predicted=proposal.predicted,
                n_tokens=self.workspace.n_tokens(tree, self.rules),
            )
        return Proposed(
            index=index,
            proposer=name,
            arm=arm,
            parent=parent,
            hypothesis=proposal.hypothesis,
            candidate=made,
            failure=tree if isinstance(tree, Failure) else None,
            spend=proposal.spend,
        )


def introduce(initial: Candidate) -> Proposed:
    """Returns the record of the initial code, which nobody proposed."""
    return Proposed(
        index=initial.index,
        proposer=initial.proposer,
        arm=initial.arm,
        parent=initial.parent,
        hypothesis=initial.hypothesis,
        candidate=initial,
    )
