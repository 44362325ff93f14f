"""How the default-risk learner searches: settings, folds, interactions, ratios and directions."""
