"""Fuzzes the decoder of frames that a candidate sends."""

from harness import fuzz

fuzz("frames")
