"""What a study's settings promise, for reports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filial.reports import Terms
    from filial.study import Study


def terms_of(study: "Study") -> "Terms":
    """Returns what a study was promised, from its settings and its exam."""
    from filial.core import Arm
    from filial.reports import Terms

    settings = study.settings
    shares: dict[str, float] = {name: table.share for name, table in settings.proposers.items()}
    total = sum(shares.values())
    return Terms(
        fdr=settings.gate.fdr,
        judged=settings.exam.judged,
        sealed_items=study.exam_class.sealed_items,
        shares={arm: shares.get(str(arm), 0.0) / total for arm in Arm if arm != Arm.TREATMENT},
        budget=settings.budget.ceilings(),
    )
