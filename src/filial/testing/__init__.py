"""Fakes and contract suites for every seam; shipped, so that other back-ends can use them."""
