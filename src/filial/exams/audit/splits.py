"""What is said of the splits that only verdicts rest on."""

from filial.core import Failure, Finding, Split
from filial.exams.audit.recording import Heard
from filial.exams.audit.subject import error, warning

N_SEATS = 3
"""Sittings on a split of which none is scored that speak against the exam."""


def failed_split(split: Split, failure: Failure, heard: Heard, *, is_rule: bool) -> Finding:
    """Returns an error if the exam is at fault: it was the same code that sat it on dev.

    Of a sealed item it tells nothing.

    Args:
        split: Where the initial code failed.
        failure: How.
        heard: What the exam heard there.
        is_rule: Whether none of ``N_SEATS`` sittings was scored there, and all were on dev.
    """
    what = str(failure)
    if split is Split.SEALED:
        what = f"{failure.kind}{heard.raised and f', score raised {heard.raised}'}"
    often = f" split on each of {N_SEATS} seeds" if is_rule else " split"
    message = f"the initial code can sit it on dev, but failed on the {split}{often}: {what}"
    if is_rule or heard.blames_score(failure):
        return error("splits", message, f"score answers to {split} items as those to dev items")
    fix = "give it more time or memory under [exam], or mend the code"
    if failure.is_unscored:
        fix = "see whether that happens on dev, too: if so mend the code, else the exam"
    return warning("splits", message, fix)
