"""The bank's rows: the only place of this wing that speaks SQL."""
