"""The same policy in other engines; these run in the peers' environment and import nothing of ours but plain data."""
