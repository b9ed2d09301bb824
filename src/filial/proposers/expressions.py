"""Changes an expression: another operator, another function of its kind, a flag turned over."""

from random import Random  # noqa: TID251 - the draw's generator, seeded by the brief

from filial.proposers.scopes import Scope
from filial.proposers.sites import Change, Choice, Source, Span

LONGEST_QUOTATION = 60


def change_expression(rng: Random, scope: Scope) -> Change | None:
    """Draws another token for one operator, comparison, function name or boolean."""
    places = [
        (path, choice) for path, source in scope.sources.items() for choice in source.choices
    ]
    if not places:
        return None
    path, choice = rng.choice(places)
    source, option = scope.sources[path], rng.choice(choice.options)
    before, after = _quotations(source, choice, option)
    where = f"in {choice.function} of {path}" if choice.function else f"in {path}"
    return Change(
        path=path,
        text=source.splice((choice.span, option)),
        hypothesis=f"{where}, `{before}` becomes `{after}`",
    )


def _quotations(source: Source, choice: Choice, option: str) -> tuple[str, str]:
    whole, token = choice.whole, choice.span
    before = " ".join(source.text_of(whole).split())
    if len(before) > LONGEST_QUOTATION:
        return source.text_of(token), option
    head = source.text_of(Span(whole.start, token.start))
    tail = source.text_of(Span(token.end, whole.end))
    return before, " ".join((head + option + tail).split())
