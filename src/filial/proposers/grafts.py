"""Replaces a top-level definition by another of the same name, with what it needs."""

from random import Random  # noqa: TID251 - the draw's generator, seeded by the brief

from filial.core import Metric, Prediction
from filial.proposers.parts import Alternative, read_parts
from filial.proposers.scopes import Scope
from filial.proposers.sites import Change, Definition, Source, Span, names_in, scan


def swap_alternative(rng: Random, scope: Scope) -> Change | None:
    """Draws a declared alternative that the code does not already hold.

    Raises:
        StudyError: if a parts file is not written as ``parts.py`` says.
    """
    unused: list[Alternative] = []
    for path, source in scope.sources.items():
        if path not in scope.parts:
            continue
        for alternative in read_parts(path, scope.parts[path]):
            present = source.definition(alternative.name)
            if present is not None and present.text != alternative.text:
                unused.append(alternative)
    if not unused:
        return None
    chosen = rng.choice(unused)
    source, bin_ = scope.sources[chosen.path], scan(scope.parts[chosen.path])
    present = source.definition(chosen.name)
    if present is None or bin_ is None:
        return None
    new = "\n".join((*chosen.comments, chosen.text))
    return Change(
        path=chosen.path,
        text=graft(source, present, new, bin_, chosen.needs),
        hypothesis=f"{chosen.name} in {chosen.path} replaced: {chosen.hypothesis}",
        predicted=_prediction(chosen, scope.metric),
    )


def graft_from_donor(rng: Random, scope: Scope) -> Change | None:
    """Draws a donor file, then one of its functions or classes that differs from ours."""
    pairs = [
        (path, donor[path])
        for donor in scope.donors
        for path, source in scope.sources.items()
        if path in donor and donor[path] != source.data.decode()
    ]
    rng.shuffle(pairs)
    for path, text in pairs:
        source, donor = scope.sources[path], scan(text)
        if donor is None:
            continue
        differing = _differing(source, donor)
        if differing:
            ours, theirs = rng.choice(differing)
            needs = _needed(theirs, source, donor)
            return Change(
                path=path,
                text=graft(source, ours, _with_comments(theirs), donor, needs),
                hypothesis=f"{ours.name} in {path} replaced by that of another candidate",
            )
    return None


def graft(
    target: Source, replaced: Definition, text: str, origin: Source, needs: tuple[str, ...]
) -> str:
    """Returns the target's text with one definition replaced.

    Args:
        target: The file to edit.
        replaced: The definition of it to replace, with the comments directly above it.
        text: The new definition, with its comments.
        origin: Where the new definition comes from.
        needs: Names of definitions of ``origin`` that come along unless ``target`` binds them.

    Returns:
        The new text. Top-level imports of ``origin`` that the new code uses and ``target`` lacks
        are added below the target's own.
    """
    return _spliced(target, [(replaced, text)], origin, needs)


def merge(target: Source, origin: Source) -> str | None:
    """Returns the target with each definition that both have replaced by that of ``origin``.

    Definitions and imports of ``origin`` that those use and ``target`` lacks come along. Comments
    directly above a definition stay if the new one has none.

    Returns:
        The new text, or None if the two have no definition in common.
    """
    pairs, needs = [], dict[str, None]()
    for name in dict.fromkeys(d.name for d in origin.definitions):
        ours, theirs = target.definition(name), origin.definition(name)
        if ours is not None and theirs is not None:
            comments = theirs.comments or ours.comments
            pairs.append((ours, "\n".join((*comments, theirs.text))))
            needs |= dict.fromkeys(_needed(theirs, target, origin))
    return _spliced(target, pairs, origin, tuple(needs)) if pairs else None


def _spliced(
    target: Source, pairs: list[tuple[Definition, str]], origin: Source, needs: tuple[str, ...]
) -> str:
    companions = [
        _with_comments(companion)
        for name in needs
        if not target.binds(name) and (companion := origin.definition(name)) is not None
    ]
    pieces = [*(text for _, text in pairs), *companions]
    used = frozenset[str]().union(*map(names_in, pieces))
    imports = [
        wanted.text
        for wanted in origin.imports
        if "__future__" not in wanted.modules
        and any(name in used and not target.binds(name) for name in wanted.names)
    ]
    edits = [(Span(replaced.lead, replaced.span.end), text) for replaced, text in pairs]
    if companions:
        first = min(replaced.lead for replaced, _ in pairs)
        edits.insert(0, (Span(first, first), "\n\n\n".join(companions) + "\n\n\n"))
    if imports:
        edits.insert(0, _import_edit(target, imports))
    return target.splice(*edits)


def _prediction(chosen: Alternative, primary: Metric) -> Prediction | None:
    """Returns the declared change as a gain; only the primary metric's direction is known."""
    if chosen.expected is None or chosen.expected[0] != primary.name:
        return None
    return Prediction(metric=primary.name, effect=primary.gain(0.0, chosen.expected[1]))


def _with_comments(definition: Definition) -> str:
    return "\n".join((*definition.comments, definition.text))


def _import_edit(target: Source, imports: list[str]) -> tuple[Span, str]:
    place = target.import_point
    is_open = place > 0 and target.data[place - 1 : place] != b"\n"
    lines = "".join(f"{line}\n" for line in imports)
    return Span(place, place), f"\n{lines}" if is_open else lines


def _differing(source: Source, donor: Source) -> list[tuple[Definition, Definition]]:
    pairs = []
    for name in dict.fromkeys(d.name for d in source.definitions):
        ours, theirs = source.definition(name), donor.definition(name)
        if ours is None or theirs is None or theirs.text == ours.text:
            continue
        if theirs.text.startswith(("def ", "class ", "@", "async ")):
            pairs.append((ours, theirs))
    return pairs


def _needed(wanted: Definition, target: Source, donor: Source) -> tuple[str, ...]:
    """Returns the donor's definitions that ``wanted`` uses, directly or not, and we lack."""
    needs: list[str] = []
    queue = [wanted]
    while queue:
        for name in sorted(names_in(queue.pop().text)):
            companion = donor.definition(name)
            if companion is not None and name not in needs and not target.binds(name):
                needs.append(name)
                queue.append(companion)
    return tuple(needs)
