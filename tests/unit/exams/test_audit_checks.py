"""One broken exam a check, and exams without fault that every check must leave in peace."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from filial import Exam, Invalid, Item, Metric
from filial.core import Finding, Judged, Severity
from filial.errors import ExamError
from filial.exams.audit import N_SEEDS, Subject, check, check_pairs, worst_first
from filial.exams.base import Plain

SEEDS = [1_000_003 * (k + 1) for k in range(N_SEEDS)]
Answer = Callable[[Any], Any]


class Sound(Exam):
    """The yardstick: sums of fresh numbers, strictly scored."""

    metrics: ClassVar[Sequence[Metric]] = (Metric("right", unit="share", smallest_effect=0.02),)

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for numbers in rng.integers(0, 1000, size=(20, 4)).tolist():
            yield Item({"numbers": numbers}, key=sum(numbers))

    def score(self, item: Item, answer: Plain) -> Any:
        if type(answer) not in (int, float):
            raise Invalid("no number")
        return float(answer == item.key)


def right(question: Any) -> Any:
    return sum(question["numbers"])


def often_right(question: Any) -> Plain:
    total: int = sum(question["numbers"])
    return total if total % 3 else 0


def wrong(question: Any) -> Any:
    return -1 - sum(question["numbers"])


def findings(
    exam: type[Exam],
    tmp_path: Path,
    initial: Answer | None = often_right,
    reference: Answer | None = None,
    **more: Any,
) -> list[Finding]:
    subject = Subject(
        exam_class=exam,
        private=tmp_path,
        primary=exam.metrics[0],
        judged=more.pop("judged", Judged.ARTIFACT),
        seed=7,
        limit_s=60.0,
        **more,
    )
    questions = [item.question for item in subject.items()]

    def all_of(answer: Answer | None) -> list[Plain] | None:
        return None if answer is None else [answer(question) for question in questions]

    subject = Subject(
        exam_class=exam,
        private=tmp_path,
        primary=exam.metrics[0],
        is_metered=subject.is_metered,
        judged=subject.judged,
        seed=7,
        limit_s=60.0,
        initial=all_of(initial),
        reference=all_of(reference),
    )
    return check(subject, SEEDS)


def of(found: Sequence[Finding], severity: Severity) -> dict[str, Finding]:
    return {one.check: one for one in found if one.severity is severity}


def errors(found: Sequence[Finding]) -> dict[str, Finding]:
    return of(found, Severity.ERROR)


def warnings(found: Sequence[Finding]) -> dict[str, Finding]:
    return of(found, Severity.WARNING)


# exams without fault


@pytest.mark.parametrize("initial", [right, often_right, wrong, None])
@pytest.mark.parametrize("reference", [right, None])
def test_a_sound_exam_has_neither_errors_nor_warnings(
    tmp_path: Path, initial: Answer | None, reference: Answer | None
) -> None:
    found = findings(Sound, tmp_path, initial, reference)
    assert not errors(found)
    if not (initial is right and reference is right):
        assert not warnings(found)
    assert "baseline" in of(found, Severity.NOTE)


class Packing(Exam):
    """A construction: one question, no key, everything checked."""

    metrics: ClassVar[Sequence[Metric]] = (Metric("length", smallest_effect=0.001),)

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        yield Item({"n": 5})

    def score(self, item: Item, answer: Plain) -> float:
        if not isinstance(answer, np.ndarray) or answer.shape != (5,) or answer.dtype != float:
            raise Invalid("not five numbers")
        if not np.isfinite(answer).all() or answer.min() < 0 or answer.sum() > 1:
            raise Invalid("no packing")
        return float(np.sqrt(answer).sum())


def test_a_construction_asks_one_question_for_ever(tmp_path: Path) -> None:
    found = findings(
        Packing, tmp_path, lambda q: np.full(q["n"], 0.19), judged=Judged.CONSTRUCTION
    )
    assert not errors(found)
    assert not warnings(found)


class Opaque(Sound):
    """Keys that are no plain data, and items of two sittings that refer to each other."""

    def __init__(self, private: Path) -> None:
        super().__init__(private)
        self.first: dict[int, Plain] = {}

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        drawn = list(super().items(split, rng))
        for k, item in enumerate(drawn):
            yield Item(item.question, key=(k, item.key))
        for k, item in enumerate(drawn):
            yield Item(item.question, key=(k, item.key), sitting=1)

    def score(self, item: Item, answer: Plain) -> Any:
        pair: Any = item.key
        k, key = pair
        if item.sitting == 0:
            self.first[k] = answer
            return super().score(Item(item.question, key=key), answer)
        if self.first.pop(k) != answer:
            raise Invalid("another answer to the same question")
        return {}


def test_sittings_may_refer_to_each_other(tmp_path: Path) -> None:
    found = findings(Opaque, tmp_path)
    assert not errors(found)


# answers without merit


class Present(Sound):
    """Whoever says anything passes."""

    def score(self, item: Item, answer: Plain) -> float:
        return float(answer is not False)


def test_an_answer_need_only_be_there(tmp_path: Path) -> None:
    found = errors(findings(Present, tmp_path))
    assert {"null answer", "empty answer", "constant answers", "echo"} <= set(found)
    assert "raise filial.Invalid" in found["null answer"].fix


class Skewed(Sound):
    """Nineteen of twenty keys are "yes"."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for k, number in enumerate(rng.integers(10**9, size=20).tolist()):
            yield Item(number, key="yes" if k else "no")

    def score(self, item: Item, answer: Plain) -> float:
        if not isinstance(answer, str):
            raise Invalid("no text")
        return float(answer == item.key)


def test_the_most_frequent_key_passes(tmp_path: Path) -> None:
    def coin(question: Any) -> Plain:
        return "yes" if question % 2 else "no"

    found = findings(Skewed, tmp_path, coin)
    finding = warnings(found)["constant answers"]
    assert '"yes"' in finding.message
    assert "95%" in finding.message
    assert "balance the keys" in finding.fix
    baseline = of(found, Severity.NOTE)["baseline"]
    assert '"yes"' in baseline.message


def test_a_constant_that_beats_all_that_is_known_is_an_error(tmp_path: Path) -> None:
    class Hidden(Skewed):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            for item in super().items(split, rng):
                yield Item(item.question, key={item.key})

        def score(self, item: Item, answer: Plain) -> float:
            if not isinstance(answer, str):
                raise Invalid("no text")
            return float(answer in item.key)  # type: ignore[operator]

    found = errors(findings(Hidden, tmp_path, lambda q: "yes" if q % 2 else "no"))
    assert '"yes"' in found["constant answers"].message
    assert "reference" in found["constant answers"].fix
    sure = findings(Hidden, tmp_path, lambda q: "yes" if q % 2 else "no", lambda q: "yes")
    assert "constant answers" in errors(sure)


class Tolerant(Sound):
    """An absolute tolerance wider than the keys."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for row in rng.uniform(-1e-3, 1e-3, size=(20, 4)):
            yield Item(row, key=row * 2)

    def score(self, item: Item, answer: Plain) -> float:
        return float(np.allclose(answer, item.key, atol=0.01))  # type: ignore[arg-type]


def test_zeros_within_the_tolerance(tmp_path: Path) -> None:
    found = errors(findings(Tolerant, tmp_path, lambda row: row * 2))
    assert "relative to the key" in found["zeros"].fix


class Lax(Sound):
    """NaN compares false, and false is taken for right."""

    def score(self, item: Item, answer: Plain) -> float:
        if not isinstance(answer, int | float | np.ndarray):
            raise Invalid("no number")
        return 0.0 if abs(answer - item.key) > 0.5 else 1.0  # type: ignore[operator]


def test_nan_is_accepted(tmp_path: Path) -> None:
    found = errors(findings(Lax, tmp_path))
    assert "isfinite" in found["not finite"].fix
    assert set(found) == {"not finite"}


class NoInput(Lax):
    """Refuses arrays, so that no NaN can arrive, but does not look for itself."""

    def score(self, item: Item, answer: Plain) -> float:
        if isinstance(answer, np.ndarray):
            raise Invalid("an array")
        return super().score(item, answer)


def test_nan_that_only_the_line_refuses_is_a_warning(tmp_path: Path) -> None:
    found = findings(NoInput, tmp_path)
    assert not errors(found)
    assert "only the line" in warnings(found)["not finite"].message


class Greedy(Sound):
    """More is better, without bounds."""

    def score(self, item: Item, answer: Plain) -> float:
        if type(answer) not in (int, float):
            raise Invalid("no number")
        return min(float(answer), 1e9)  # type: ignore[arg-type]


def test_a_huge_number_is_the_best_answer(tmp_path: Path) -> None:
    assert "huge answer" in errors(findings(Greedy, tmp_path))


class Telltale(Sound):
    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for item in super().items(split, rng):
            key: Any = item.key
            yield Item({"question": item.question, "meta": {"sum": key}}, key)


def test_the_question_holds_its_answer(tmp_path: Path) -> None:
    finding = errors(findings(Telltale, tmp_path, lambda q: often_right(q["question"])))["echo"]
    assert "question['meta']['sum']" in finding.message
    assert "take out of the question" in finding.fix


class Prefix(Sound):
    """Compares as far as both go."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for numbers in rng.integers(0, 1000, size=(20, 4)).tolist():
            yield Item(numbers, key=sorted(numbers))

    def score(self, item: Item, answer: Plain) -> float:
        if not isinstance(answer, list):
            raise Invalid("no list")
        pairs = zip(answer, item.key, strict=False)  # type: ignore[call-overload]
        return float(all(one == other for one, other in pairs))


def test_a_comparison_that_ends_with_the_answer(tmp_path: Path) -> None:
    found = findings(Prefix, tmp_path, sorted)
    assert "[]" in errors(found)["empty answer"].message
    assert "length" in warnings(found)["wrong length"].fix


class Random(Sound):
    """Anything within a wide range is right."""

    def score(self, item: Item, answer: Plain) -> float:
        if type(answer) is not int or not 0 <= answer < 4000:
            raise Invalid("no number in range")
        return 1.0


def test_random_answers_pass(tmp_path: Path) -> None:
    assert "random answers" in errors(findings(Random, tmp_path, right))


# the reference


def test_a_reference_that_is_no_better(tmp_path: Path) -> None:
    found = findings(Sound, tmp_path, right, wrong)
    assert "direction" in warnings(found)["reference"].fix
    refused = findings(Sound, tmp_path, right, lambda q: "many")
    assert "refuses the reference" in errors(refused)["reference"].message


# drawing


class Unseeded(Sound):
    COUNT: ClassVar[list[int]] = []

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        self.COUNT.append(0)
        for item in super().items(split, rng):
            yield Item([item.question, len(self.COUNT)], item.key)


def test_chance_beside_rng(tmp_path: Path) -> None:
    found = findings(Unseeded, tmp_path, None)
    assert list(errors(found)) == ["same seed, same items"]
    assert "rng" in found[0].fix


class Numbered(Sound):
    """reasoning-gym style: item k of seed s is made from s + k."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        seed: Any = rng.bit_generator.seed_seq
        for k in range(20):
            numbers = np.random.default_rng(seed.entropy + k).integers(0, 1000, size=4).tolist()
            yield Item({"numbers": numbers}, key=sum(numbers))


def test_items_numbered_from_the_seed(tmp_path: Path) -> None:
    finding = errors(findings(Numbered, tmp_path))["seed overlap"]
    assert "95%" in finding.message
    assert "draw every item from rng, or from a hash" in finding.fix


class Fixed(Sound):
    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        return super().items(split, np.random.default_rng(0))


def test_the_same_questions_for_ever(tmp_path: Path) -> None:
    finding = errors(findings(Fixed, tmp_path))["fresh questions"]
    assert "100%" in finding.message
    assert "construction" in finding.fix


class Pool(Sound):
    """Forty questions, of which every trial asks ten; each split has its own."""

    shared: ClassVar[bool] = False

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        offset = 0 if self.shared else {"dev": 0, "confirm": 1000, "sealed": 2000}[split]
        for number in rng.choice(200, size=20, replace=False).tolist():
            numbers = [offset + number, 1]
            yield Item({"numbers": numbers}, key=sum(numbers))


class SharedPool(Pool):
    shared = True


def test_a_small_pool_is_a_warning_with_numbers(tmp_path: Path) -> None:
    found = findings(Pool, tmp_path)
    assert not errors(found)
    assert "about" in warnings(found)["few questions"].message
    shared = findings(SharedPool, tmp_path)
    messages = [one.message for one in shared if one.check == "fresh questions"]
    assert [message.partition(" questions")[0][-7:] for message in messages] == [
        "confirm",
        " sealed",
    ]


# scoring


class Ordered(Sound):
    """The first items count more."""

    def __init__(self, private: Path) -> None:
        super().__init__(private)
        self.n = 0

    def score(self, item: Item, answer: Plain) -> Any:
        self.n += 1
        return super().score(item, answer) / self.n


def test_scores_depend_on_the_order(tmp_path: Path) -> None:
    finding = errors(findings(Ordered, tmp_path))["item order"]
    assert "each item by itself" in finding.fix


class Moody(Sound):
    CHANCE: ClassVar[np.random.Generator] = np.random.default_rng(3)

    def score(self, item: Item, answer: Plain) -> Any:
        return super().score(item, answer) + float(self.CHANCE.normal())


def test_scores_with_chance_of_their_own(tmp_path: Path) -> None:
    assert "the second time" in errors(findings(Moody, tmp_path))["metrics"].message


class Style(Sound):
    """Looks at the answer and at nothing else."""

    def score(self, item: Item, answer: Plain) -> float:
        if type(answer) is not int:
            raise Invalid("no number")
        return 1.0 / (1.0 + math.log1p(abs(answer - 1700)))


def test_the_key_does_not_matter(tmp_path: Path) -> None:
    found = errors(findings(Style, tmp_path, right))
    assert "item.key" in found["impossible variant"].fix


class Worthless(Sound):
    metrics: ClassVar[Sequence[Metric]] = (Metric("right"),)


def test_no_smallest_effect(tmp_path: Path) -> None:
    assert "smallest_effect" in warnings(findings(Worthless, tmp_path))["metrics"].fix


def test_where_the_goal_is_metered_no_worthless_answer_may_keep_the_guard(tmp_path: Path) -> None:
    assert not errors(findings(Sound, tmp_path, right, is_metered=True))
    assert "null answer" in errors(findings(Present, tmp_path, right, is_metered=True))


def test_an_exam_that_raises_says_where(tmp_path: Path) -> None:
    class Broken(Sound):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            if split == "sealed":
                raise KeyError("no such split")
            return super().items(split, rng)

    with pytest.raises(ExamError, match=r"Broken.items raised KeyError"):
        findings(Broken, tmp_path)


# A/A pairs

METRIC = Metric("right", unit="share", smallest_effect=0.05)


def pairs(values: Sequence[tuple[float, float]], *, is_metered: bool = False) -> Finding:
    (finding,) = check_pairs(METRIC, values, is_metered=is_metered)
    return finding


def test_equal_pairs_are_deterministic() -> None:
    assert "deterministic" in pairs([(0.1 * k, 0.1 * k) for k in range(20)]).message


def test_no_pairs_and_few_pairs_are_only_noted() -> None:
    assert "calibration" in pairs([]).message
    assert "too few" in pairs([(0.1, 0.9)] * 4).message


def test_a_second_trial_that_always_scores_more() -> None:
    values = [(0.5, 0.6 + 0.001 * (k % 3)) for k in range(20)]
    assert pairs(values).severity is Severity.ERROR
    assert pairs(values, is_metered=True).severity is Severity.WARNING
    small = [(0.5, 0.51 + 0.001 * (k % 3)) for k in range(20)]
    assert pairs(small).severity is Severity.NOTE


def test_a_drift() -> None:
    rng = np.random.default_rng(0)
    values = [(0.02 * k + e, 0.02 * k - e) for k, e in enumerate(rng.normal(0, 0.01, 20).tolist())]
    finding = pairs(values)
    assert finding.severity is Severity.WARNING
    assert "drift by +0.0" in finding.message


def test_noise_alone_is_blamed_once_in_hundreds_of_audits() -> None:
    rng = np.random.default_rng(1)
    blamed = 0
    for _ in range(400):
        values = [(a, b) for a, b in rng.normal(0, 1, size=(20, 2)).tolist()]
        blamed += pairs(values).severity is not Severity.NOTE
    assert blamed <= 4


def test_the_worst_comes_first_and_once() -> None:
    made = [
        Finding(check=name, severity=severity, message="m")
        for name, severity in (("a", "note"), ("b", "error"), ("c", "warning"), ("b", "error"))
        for severity in [Severity(severity)]
    ]
    assert [finding.check for finding in worst_first(made)] == ["b", "c", "a"]


class Contained(Sound):
    """A choice among letters; an answer that names them all contains the right one."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for numbers in rng.integers(0, 1000, size=(40, 4)).tolist():
            yield Item({"numbers": numbers}, key="ABCD"[sum(numbers) % 4])

    def score(self, item: Item, answer: Plain) -> Any:
        if not isinstance(answer, str):
            raise Invalid("no text")
        return float(str(item.key) in answer)


class Listed(Contained):
    """The same with lists of answers."""

    def score(self, item: Item, answer: Plain) -> Any:
        if not isinstance(answer, list):
            raise Invalid("no list")
        return float(item.key in answer)


@pytest.mark.parametrize(
    ("exam", "initial"), [(Contained, lambda _: "A"), (Listed, lambda _: ["A"])]
)
def test_an_answer_that_names_all_keys_is_a_constant(
    exam: type[Exam], initial: Answer, tmp_path: Path
) -> None:
    found = findings(exam, tmp_path, initial)
    errors = {one.check for one in found if one.severity is Severity.ERROR}
    assert "constant answers" in errors
