"""The command line: one module per command, and nothing that other code could need."""

from filial.cli.app import main

__all__ = ["main"]
