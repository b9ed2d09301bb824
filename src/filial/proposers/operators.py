"""Edits without a model: the draws of the other modules, put together."""

from random import Random  # noqa: TID251 - seeded by the brief

from filial.core import Brief, Edit, Patch, Prediction, Proposal
from filial.proposers.expressions import change_expression
from filial.proposers.grafts import graft_from_donor, swap_alternative
from filial.proposers.numbers import perturb_number
from filial.proposers.scopes import Operator, Scope
from filial.proposers.sites import Change, editable_sources, is_python
from filial.proposers.statements import change_statement

OPERATORS: tuple[tuple[Operator, float], ...] = (
    (swap_alternative, 0.45),
    (perturb_number, 0.25),
    (graft_from_donor, 0.15),
    (change_expression, 0.10),
    (change_statement, 0.05),
)
P_COMPOUND = 0.25
N_DRAWS = 20


class Operators:
    """Edits the code by rule: five operators, drawn by weight among those that apply.

    It swaps in an alternative from the kit's parts bin, perturbs a number, grafts a definition
    from another candidate, changes an expression, or changes a statement. One proposal in four
    joins two changes of different files. Every new file compiles.
    """

    name = "operators"

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns one change or two, or None if no file on the surfaces lends itself to any.

        Raises:
            StudyError: if the study's parts bin is not written as ``parts.py`` says.
        """
        rng = Random(brief.seed)  # noqa: S311 - not for cryptography
        scope = Scope(
            sources=editable_sources(brief),
            parts=brief.parts,
            donors=brief.donors,
            metric=brief.metric,
        )
        first = draw(rng, scope)
        if first is None:
            return None
        changes = [first]
        if rng.random() < P_COMPOUND:
            second = draw(rng, scope.without(first.path))
            changes += [second] if second is not None else []
        return Proposal(
            hypothesis="; and ".join(change.hypothesis for change in changes),
            predicted=_predicted(changes),
            patch=Patch(edits=tuple(Edit(path=c.path, text=c.text) for c in changes)),
        )


def draw(rng: Random, scope: Scope) -> Change | None:
    """Returns one change that compiles and differs, or None after twenty draws without one."""
    pool = list(OPERATORS)
    for _ in range(N_DRAWS):
        if not pool:
            return None
        operator, weight = rng.choices(pool, [weight for _, weight in pool])[0]
        change = operator(rng, scope)
        if change is None:
            pool.remove((operator, weight))
        elif change.text != scope.sources[change.path].data.decode() and is_python(change.text):
            return change
    return None


def _predicted(changes: list[Change]) -> Prediction | None:
    """Returns the sum of the predicted effects, all on the primary metric; None without any."""
    stated = [change.predicted for change in changes if change.predicted is not None]
    if not stated:
        return None
    return Prediction(metric=stated[0].metric, effect=sum(p.effect for p in stated))
