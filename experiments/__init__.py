"""What runs beside the service and is never imported by it: the simulated district, benchmarks, evaluations."""
