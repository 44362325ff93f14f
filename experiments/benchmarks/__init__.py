"""Benchmarks: each prints a table a person reads and writes flat keys to `build/bench/<name>.json`."""
