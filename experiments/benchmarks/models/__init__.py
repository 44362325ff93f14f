"""`make bench-models`: how sharp, how calibrated and how fast the learner is beside its peers, on identical folds.

Modules below `peers` run in the peers' own environment and import nothing of ours but `nested`, `exchange` and `cells`.
"""
