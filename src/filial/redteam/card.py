"""The score card: escapes, over-blocks and damage, in all and by class."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from filial.redteam.bench import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Totals over some endings.

    Attributes:
        cases: Specimens, twins included.
        twins: Honest ones among them.
        escapes: Attacks that won something.
        over_blocks: Twins that were not promoted.
        side_effects: Specimens that did something to the host.
        unexpected: Specimens that ended in another way than foreseen.
    """

    cases: int
    twins: int
    escapes: int
    over_blocks: int
    side_effects: int
    unexpected: int

    @classmethod
    def of(cls, endings: Iterable[Ending]) -> "Count":
        """Returns the totals of ``endings``."""
        kept = list(endings)
        return cls(
            cases=len(kept),
            twins=sum(e.specimen.is_twin for e in kept),
            escapes=sum(e.has_escaped for e in kept),
            over_blocks=sum(e.is_over_block for e in kept),
            side_effects=sum(bool(e.damage) for e in kept),
            unexpected=sum(e.is_unexpected for e in kept),
        )


def by_class(endings: Sequence[Ending]) -> dict[str, Count]:
    """Returns the totals of each class of attack, in order of names."""
    groups = sorted({ending.specimen.group for ending in endings})
    return {g: Count.of(e for e in endings if e.specimen.group == g) for g in groups}


def as_json(endings: Sequence[Ending], level: str) -> str:
    """Returns the score card as one line."""
    total = Count.of(endings)
    return json.dumps(
        {
            "cases": total.cases,
            "twins": total.twins,
            "escapes": total.escapes,
            "over_blocks": total.over_blocks,
            "side_effects": total.side_effects,
            "unexpected": total.unexpected,
            "level": level,
            "by_class": {
                group: {
                    "cases": count.cases,
                    "twins": count.twins,
                    "escapes": count.escapes,
                    "over_blocks": count.over_blocks,
                    "side_effects": count.side_effects,
                    "unexpected": count.unexpected,
                }
                for group, count in by_class(endings).items()
            },
        }
    )
