"""Known cheats: each is a readable program, none is a duplicate, all kinds come up."""

import ast

from filial.core import Brief, Metric
from filial.proposers import Canary
from filial.proposers.canary import ANYWHERE, IN_ANSWERS

CODE = "def answer(question):\n    return 1\n"


def brief(seed: int, files: dict[str, str], surfaces: tuple[str, ...]) -> Brief:
    return Brief(
        index=0,
        seed=seed,
        goal="",
        metric=Metric("accuracy"),
        surfaces={"program": surfaces},
        files=files,
    )


def test_all_kinds_come_up_and_no_two_are_alike() -> None:
    files = {"answer.py": CODE, "secret.py": CODE}
    proposals = [Canary().propose(brief(s, files, ("answer.py",))) for s in range(200)]
    texts, words = set(), set()
    for proposal in proposals:
        assert proposal is not None
        (edit,) = proposal.patch.edits
        assert edit.path == "answer.py"
        assert edit.text is not None
        assert edit.text.startswith(CODE.rstrip())
        ast.parse(edit.text)
        texts.add(edit.text)
        words.add(proposal.hypothesis)
    assert len(texts) == 200
    assert words == {f"canary: {what} in answer.py" for what, _ in ANYWHERE + IN_ANSWERS}


def test_a_file_without_answers_gets_the_others_only() -> None:
    files = {"train.py": "x = 1\n"}
    words = set()
    for seed in range(100):
        proposal = Canary().propose(brief(seed, files, ("train.py",)))
        assert proposal is not None
        words.add(proposal.hypothesis)
    assert words == {f"canary: {what} in train.py" for what, _ in ANYWHERE}


def test_the_same_seed_gives_the_same_cheat() -> None:
    files = {"answer.py": CODE}
    one, two = (Canary().propose(brief(7, files, ("answer.py",))) for _ in range(2))
    assert one == two


def test_nothing_to_cheat_in_is_no_proposal() -> None:
    assert Canary().propose(brief(1, {"a.txt": "x", "b.py": "def"}, ("a.txt", "b.py"))) is None
