"""`make bench-scoring`: civility indices of many residents from folded events, ours beside its peers, equal or failed.

Modules below `peers` run in the peers' own environment and import nothing outside it.
"""
