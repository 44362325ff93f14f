"""A scorecard in other hands: as one SQL query for a database, and printed for people."""
