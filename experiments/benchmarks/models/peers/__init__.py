"""The other learners, each searched in the same folds: these modules run in the peers' environment."""
