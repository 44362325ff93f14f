"""What a certificate's reason codes are called: names of the public rulebook edition the certificate names."""

from collections.abc import Mapping
from functools import cache

from scoring import Name, RulebookMissingError, load_rulebook


@cache
def reason_names(edition: str) -> Mapping[str, Name]:
    """Names of all indicators of an edition by code; empty for an edition this node does not have."""
    try:
        rulebook = load_rulebook(edition)
    except RulebookMissingError:
        return {}
    return {indicator.indicator: indicator.name for _, indicator in rulebook.indicators}
