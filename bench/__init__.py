"""Benchmarks: own figure, peer and limit, from one run each. `make bench`."""
