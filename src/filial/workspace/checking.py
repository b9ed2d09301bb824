"""Whether a repository still holds what the ledger says it does."""

from collections.abc import Iterable
from pathlib import Path

import pygit2

from filial.core import Generation
from filial.errors import LedgerError, TamperedLedger
from filial.workspace.repository import Workspace, found_in


def check_lineage(path: Path, generations: Iterable[Generation], trees: Iterable[str]) -> None:
    """Checks generations and candidates on record against the repository.

    Args:
        path: The repository; never created here.
        generations: All generations on record.
        trees: Ids of all candidates on record.

    Raises:
        TamperedLedger: Names the first generation whose commit is missing or holds another tree,
            or whose tag points elsewhere; or the first tree that is not there whole.

    What this does not cover: the commits' messages and dates, and what else is in the repository.
    """
    if not path.is_dir():
        raise TamperedLedger(f"the lineage {path} is missing")
    workspace, repo = Workspace(path), pygit2.Repository(str(path))
    for generation in generations:
        wrong = _wrong(repo, generation)
        if wrong:
            raise TamperedLedger(f"F{generation.number} in {path}: {wrong}")
    for tree in trees:
        try:
            workspace.read(tree)
        except LedgerError as error:
            raise TamperedLedger(f"candidate {tree}: {error}") from error


def _wrong(repo: pygit2.Repository, generation: Generation) -> str | None:
    commit = found_in(repo, generation.commit)
    if not isinstance(commit, pygit2.Commit):
        return f"commit {generation.commit} is missing"
    if str(commit.tree_id) != generation.candidate:
        return (
            f"commit {generation.commit} holds tree {commit.tree_id}, not {generation.candidate}"
        )
    tag = repo.references.get(f"refs/tags/F{generation.number}")
    if tag is None:
        return "its tag is missing"
    if str(tag.target) != generation.commit:
        return f"its tag points to {tag.target}, not to commit {generation.commit}"
    return None
