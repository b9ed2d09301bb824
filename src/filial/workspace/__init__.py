"""Candidates as git trees: edits within the surfaces, cheap screens, and a lineage of commits."""

from filial.workspace.checking import check_lineage
from filial.workspace.diffs import patch_from_diff
from filial.workspace.repository import Workspace
from filial.workspace.rules import Rules
from filial.workspace.screens import duplicate, screen, syntax

__all__ = [
    "Rules",
    "Workspace",
    "check_lineage",
    "duplicate",
    "patch_from_diff",
    "screen",
    "syntax",
]
