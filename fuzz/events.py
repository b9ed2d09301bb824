"""Fuzzes the decoder of events of a ledger."""

from harness import fuzz

fuzz("events")
