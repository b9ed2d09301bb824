"""Fuzzes the decoder of settings of a study."""

from harness import fuzz

fuzz("settings")
