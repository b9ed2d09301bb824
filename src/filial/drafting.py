"""From "what next?" to a tree that deserves a trial: steps 1 to 4 of the story."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from filial.ahead import Ahead, Task, Written
from filial.archives.base import Archive
from filial.briefing import Briefing
from filial.core import (
    Arm,
    Candidate,
    Failure,
    History,
    Proposal,
    Proposed,
    Seeds,
    Spend,
)
from filial.proposers import choose
from filial.proposers.base import Proposer
from filial.retries import Retries
from filial.silence import Silence
from filial.workspace import Rules, Workspace, screen

ARMS = {"placebo": Arm.PLACEBO, "control": Arm.CONTROL, "canary": Arm.CANARY}
"""Proposers whose candidates are never promoted, by name; all others write for the treatment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Selects a parent, has a proposal written, builds its tree and screens it.

    Attributes:
        briefing: Writes what proposers are told.
        rules: What may be edited.
        proposers: By name.
        shares: How much of the writing each does; the control arm also gets no more of the trials.
        archive: Chooses parents.
        workspace: Holds the trees.
        seeds: Source of the proposals' seeds; no secret, so that a seed reproduces proposals.
        retries: Gives parked ideas a second chance; None in studies that replay a script.
        ahead: Has slow proposers write before their turn.
        silence: Knows which of them have no model that answers.
    """

    briefing: Briefing
    rules: Rules
    proposers: Mapping[str, Proposer]
    shares: Mapping[str, float]
    archive: Archive
    workspace: Workspace
    seeds: Seeds
    retries: Retries | None
    ahead: Ahead
    silence: Silence = field(default_factory=Silence)

    def draft(self, history: History) -> Proposed | None:
        """Returns the next proposal, judged by the screens; None if nobody has one.

        Raises:
            Stopped: Those who might have one wait for a model that does not answer.
        """
        retried = self.retries.next(history) if self.retries else None
        if retried is not None:
            return retried
        self._look_ahead(history)
        index = history.n_proposals
        seed = self.seeds.of("proposal", index)
        shares = self._shares(history)
        while not set(shares) <= set(ARMS):
            name = choose(shares, seed)
            task, proposal = self.ahead.take(name) or self._write(name, index, history)
            if proposal is not None:
                self.silence.heed(name, proposal.failure)
                return self._build(index, task, proposal, history)
            del shares[name]
        self.silence.check()
        return None

    def _look_ahead(self, history: History) -> None:
        """Has slow proposers begin with what will be due soon."""
        shares = self._shares(history)
        if set(shares) <= set(ARMS):
            return
        for index in self.ahead.places(history.n_proposals):
            name = choose(shares, self.seeds.of("proposal", index))
            if name in self.ahead.slow:
                self.ahead.ask(self._task(name, index, history), self.proposers[name])

    def _write(self, name: str, index: int, history: History) -> Written:
        task, proposer = self._task(name, index, history), self.proposers[name]
        if name not in self.ahead.slow:
            return task, proposer.propose(task.brief)
        self.ahead.ask(task, proposer)
        return self.ahead.take(name) or (task, None)

    def _task(self, name: str, index: int, history: History) -> Task:
        arm, seed = ARMS.get(name, Arm.TREATMENT), self.seeds.of("proposal", index)
        parent = self._parent(arm, history, seed)
        return Task(
            name=name,
            arm=arm,
            parent=parent,
            facing=history.opponent_of(arm),
            brief=self.briefing.brief(index, seed, parent, arm, history),
        )

    def _shares(self, history: History) -> dict[str, float]:
        shares = {n: share for n, share in self.shares.items() if n not in self.silence}
        if self._is_overdrawn(history):
            del shares["control"]
        return shares

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

    def _build(self, index: int, task: Task, proposal: Proposal, history: History) -> Proposed:
        parent = task.parent
        tree = proposal.failure or self.workspace.apply(parent, proposal.patch, self.rules)
        facing = history.opponent_of(task.arm)
        if parent == task.facing != facing and not isinstance(tree, Failure):
            tree, parent = self.workspace.merge(parent, facing, tree), facing
        if not isinstance(tree, Failure):
            tree = screen(self.workspace.read(tree), tree, history.standings) or tree
        made = None
        if not isinstance(tree, Failure):
            made = Candidate(
                id=tree,
                index=index,
                parent=parent,
                proposer=task.name,
                arm=task.arm,
                hypothesis=proposal.hypothesis,
                predicted=proposal.predicted,
                n_tokens=self.workspace.n_tokens(tree, self.rules),
            )
        return Proposed(
            index=index,
            proposer=task.name,
            arm=task.arm,
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
