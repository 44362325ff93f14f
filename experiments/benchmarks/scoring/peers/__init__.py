"""The other sides, each in its best form: these modules run in the peers' environment and import nothing of ours."""
