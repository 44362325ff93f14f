"""Published editions by name; an edition never changes, so each is read once."""

from functools import cache

from scoring import Rulebook, load_rulebook


@cache
def rulebook_of(edition: str) -> Rulebook:
    """The edition an index was computed under."""
    return load_rulebook(edition)
