"""Fuzzes the decoder of lines of a replay."""

from harness import fuzz

fuzz("replay")
