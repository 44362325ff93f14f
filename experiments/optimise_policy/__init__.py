"""Which bonus terms are best: brackets, limit bonus and rate discount of each grade, chosen by HiGHS.

`python -m experiments.optimise_policy --bank island_rural` writes a candidate policy, the frontier of profit and
included households, and its comparison with the hand-written policy on the simulator's truth. Baseline limits and
prices are inputs: no variable touches them.
"""
