"""Runs the product from outside: simulated data with known truth, benchmarks, evaluations; never imported by it."""
