"""One file per bank, each a stranger to the others; reached only through the registry."""
