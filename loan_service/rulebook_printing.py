"""How rulebook findings, differences and comparisons are printed: tables a person reads."""
