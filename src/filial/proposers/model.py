"""Proposals written by a language model."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from filial.core import Brief, Failure, FailureKind, Proposal, Reply, Request, Spend, Turn
from filial.core.plain import one_line
from filial.proposers.answers import Answer, Problem, read
from filial.proposers.prompting import Prompt
from filial.proposers.replay import ApplyDiff
from filial.proposers.sites import compile_error
from filial.proposers.unknowns import undefined_names

Generate = Callable[[Request], Reply]
"""Answers a request; never raises for what a model, a network or a provider does."""
Render = Callable[[Brief], Prompt | None]
"""Says what to ask; None if the brief leaves nothing to ask for."""
Check = Callable[[Mapping[str, str]], Failure | None]
"""(new texts of the edited files, by path) -> the first reason not to build them, or None."""

_MAX_DETAIL = 300  # characters
_MAX_SHOWN = 20_000  # characters of a bad answer that its author sees again
_MAX_LINE = 160  # characters of a quoted line


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Asks a language model, and asks once more if no answer can be used.

    The first usable answer wins, and what all of them cost is on the proposal. An answer is
    usable if it can be read and applied, changes the parent, compiles, passes ``check`` and
    mentions no global name that nobody defines. If none is, one repair turn shows the model its
    first answer and the exact problem. If that is in vain, the proposal has the problem of the
    repair's first answer as its failure, or the model's own failure.

    Attributes:
        name: The proposer's name in the study.
        generate: The model.
        render: What to ask.
        apply_diff: Turns a unified diff into a patch.
        check: Screens new files.
        n_answers: How many answers to draw at a time, at least 1.

    What this does not cover: surfaces are enforced by the workspace; that edits outside them are
    refused here only makes for a better repair. A name that is defined but does not exist
    (``torch.optim.Best``) is found by a trial.
    """

    name: str
    generate: Generate
    render: Render
    apply_diff: ApplyDiff
    check: Check
    n_answers: int = 1

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns the model's proposal; None if there is nothing to ask for."""
        prompt = self.render(brief)
        if prompt is None:
            return None
        request = Request(
            system=prompt.system,
            turns=(Turn(role="user", text=prompt.text),),
            prefix=prompt.prefix,
            n_answers=self.n_answers,
            max_tokens=prompt.max_tokens,
            temperature=prompt.temperature,
            seed=brief.seed,
        )
        outcome, spend = self._ask(request, prompt, brief)
        if isinstance(outcome, _Bad):
            outcome, more = self._ask(_repair(request, outcome), prompt, brief)
            spend += more
        if isinstance(outcome, Answer):
            return _proposal(outcome, prompt, brief, spend)
        if isinstance(outcome, Failure):
            return Proposal(hypothesis="", failure=outcome, spend=spend)
        problem = outcome.problem
        failure = Failure(kind=problem.kind, detail=one_line(problem.text, _MAX_DETAIL))
        return Proposal(hypothesis=problem.hypothesis, failure=failure, spend=spend)

    def _ask(
        self, request: Request, prompt: Prompt, brief: Brief
    ) -> "tuple[Answer | _Bad | Failure, Spend]":
        """Returns the first usable answer or what is wrong with the first, and what all cost."""
        reply = self.generate(request)
        if reply.failure is not None:
            return reply.failure, reply.spend
        bad: _Bad | None = None
        for text in reply.answers:
            outcome = self._read(prompt.pick(text), prompt, brief)
            if isinstance(outcome, Answer):
                return outcome, reply.spend
            bad = bad or _Bad(text=text, problem=outcome)
        return bad or _Bad(text="", problem=Problem(text="there was no answer")), reply.spend

    def _read(self, text: str, prompt: Prompt, brief: Brief) -> Answer | Problem:
        surfaces = prompt.surfaces
        answer = read(text, brief.files, surfaces, self.apply_diff, brief.metric.name)
        if isinstance(answer, Problem):
            return answer
        texts = {edit.path: edit.text for edit in answer.patch.edits if edit.text is not None}
        failure = _uncompiled(texts) or self.check(texts)
        if failure is not None:
            words = failure.detail + _quoted(failure.detail, texts)
            return Problem(text=words, kind=failure.kind, hypothesis=answer.hypothesis)
        for words in _unknown(texts, brief.files):
            return Problem(text=words, hypothesis=answer.hypothesis)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bad:
    """An answer that cannot be used, and why."""

    text: str
    problem: Problem


def _repair(request: Request, bad: _Bad) -> Request:
    """Returns the request with the bad answer, and what is wrong with it, as further turns."""
    text = bad.text
    shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}\n[the rest is left out]"
    words = (
        f"That answer cannot be used: {bad.problem.text}\n"
        "Answer again from the start, in the same form, with that put right."
    )
    further = (Turn(role="assistant", text=shown), Turn(role="user", text=words))
    return replace(request, turns=(*request.turns, *further), seed=(request.seed + 1) % 2**64)


def _proposal(answer: Answer, prompt: Prompt, brief: Brief, spend: Spend) -> Proposal:
    paths = ", ".join(edit.path for edit in answer.patch.edits)
    made_up = f"model: {prompt.subject or paths} rewritten"
    comment = "" if answer.hypothesis else _new_comment(answer, brief)
    return Proposal(
        hypothesis=answer.hypothesis or (f"{made_up}: {comment}" if comment else made_up),
        predicted=answer.predicted,
        patch=answer.patch,
        spend=spend,
    )


def _new_comment(answer: Answer, brief: Brief) -> str:
    """Returns the first comment that the edited files had not before; empty if there is none."""
    for edit in answer.patch.edits:
        before = set(map(str.strip, brief.files.get(edit.path, "").split("\n")))
        for line in map(str.strip, (edit.text or "").split("\n")):
            if line.startswith("#") and line not in before and line.strip("# "):
                return one_line(line.lstrip("# "), _MAX_LINE)
    return ""


def _uncompiled(texts: Mapping[str, str]) -> Failure | None:
    """Returns SYNTAX with ``path:line`` for the first Python file that does not compile."""
    for path, text in texts.items():
        wrong = compile_error(text) if path.endswith(".py") else None
        if wrong is not None:
            detail = f"{path}:{wrong[0]}: {wrong[1]}"
            return Failure(kind=FailureKind.SYNTAX, detail=detail)
    return None


def _quoted(detail: str, texts: Mapping[str, str]) -> str:
    """Returns the line that a detail ``PATH:LINE: WORDS`` is about, as a quotation."""
    for path, text in texts.items():
        number = detail.removeprefix(f"{path}:").partition(":")[0]
        lines = text.split("\n")
        if detail.startswith(f"{path}:") and number.isdecimal() and len(number) < 10:
            at = min(max(int(number), 1), len(lines)) - 1
            return f": `{lines[at].strip()[:_MAX_LINE]}`"
    return ""


def _unknown(texts: Mapping[str, str], files: Mapping[str, str]) -> Iterator[str]:
    """Yields, for each global name that the edits use and nobody defines, where they do."""
    for path, text in texts.items():
        if not path.endswith(".py"):
            continue
        before = files.get(path, "")
        old = set(before.split("\n"))
        for name in sorted(undefined_names(text) - undefined_names(before)):
            word = re.compile(rf"\b{re.escape(name)}\b")
            lines = (one for one in text.split("\n") if one not in old and word.search(one))
            line = next(lines, "").strip()[:_MAX_LINE]
            yield f"{path} uses {name}, which it neither defines nor imports: `{line}`"
