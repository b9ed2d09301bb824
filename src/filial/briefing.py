"""What the next proposer is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from filial.core import (
    Arm,
    Brief,
    Budget,
    Evidence,
    History,
    Metric,
    Remaining,
    Spend,
)
from filial.hindsight import Hindsight
from filial.recollection import Recollection
from filial.workspace import Rules, Workspace

_MAX_DONORS = 4
_N_STEPS = 20  # what is left is told in twentieths
_UNTOLD = "sealed_looks"  # audits are no business of a proposer


@dataclass(slots=True, kw_only=True)
class Briefing:
    """Writes briefs.

    Evidence is for the treatment arm alone: controls are compared with it, and placebos and
    canaries need none.

    Attributes:
        goal: The study's goal.
        metric: The primary metric.
        guards: Metrics that must not get worse.
        budget: Ceilings.
        rules: What may be edited.
        parts: The kit's parts bin.
        workspace: Holds the trees.
    """

    goal: str
    metric: Metric
    guards: tuple[Metric, ...] = ()
    budget: Budget = field(default_factory=Budget)
    rules: Rules
    parts: Mapping[str, str]
    workspace: Workspace
    _recollection: Recollection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._recollection = Recollection(Hindsight(self.metric, self.guards))

    def brief(self, index: int, seed: int, parent: str, arm: Arm, history: History) -> Brief:
        """Returns the brief of proposal number ``index``.

        Args:
            index: Its number within the study.
            seed: Its source of chance.
            parent: Id of the tree it is to edit.
            arm: What it is for.
            history: The study's state.
        """
        evidence = Evidence()
        if arm is Arm.TREATMENT:
            evidence = self._recollection.evidence(history, parent)
            evidence = replace(evidence, remaining=remaining(self.budget, history.spend))
        return Brief(
            index=index,
            seed=seed,
            goal=self.goal,
            metric=self.metric,
            surfaces=self.workspace.surfaces_of(parent, self.rules),
            files=self.workspace.read(parent),
            parts=self.parts,
            donors=tuple(self._donors(parent, history)),
            guards=self.guards,
            evidence=evidence,
        )

    def _donors(self, parent: str, history: History) -> Iterator[Mapping[str, str]]:
        newest = dict.fromkeys(reversed(history.survivors[-4 * _MAX_DONORS :]))
        for candidate in list(newest)[:_MAX_DONORS]:
            if candidate != parent and candidate not in history.voided:
                yield self.workspace.read(candidate)


def evidence_of(
    history: History, parent: str, metric: Metric, guards: tuple[Metric, ...] = ()
) -> Evidence:
    """Returns what a proposer may know that is to edit ``parent``, worked out from the beginning.

    Args:
        history: The study's state.
        parent: Id of the tree.
        metric: The primary metric.
        guards: Metrics that must not get worse.
    """
    return Recollection(Hindsight(metric, guards)).evidence(history, parent)


def remaining(budget: Budget, spend: Spend) -> tuple[Remaining, ...]:
    """Returns what ``spend`` leaves of each ceiling, in steps of a twentieth.

    The exact number of trials left would tell how many pairs the latest confirmation took, and
    with it how near it came.
    """
    left = budget.left(spend)
    found = []
    for name in (f.name for f in fields(budget) if f.name != _UNTOLD):
        ceiling = getattr(budget, name)
        if ceiling is not None:
            share = getattr(left, name) / ceiling if ceiling else 0.0
            steps = round(_N_STEPS * share)
            found.append(Remaining(resource=name, ceiling=float(ceiling), share=steps / _N_STEPS))
    return tuple(found)
