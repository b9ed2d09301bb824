"""Fuzzes the decoder of diffs that a proposer writes."""

from harness import fuzz

fuzz("diffs")
