"""Names of people who answer for something, in one spelling, so that one person does not count as two."""

import unicodedata

from loan_service.errors import RefusedError


def person(name: str) -> str:
    """A name as it is kept.

    Raises:
        RefusedError: it is empty (`person.unnamed`).
    """
    kept = " ".join(unicodedata.normalize("NFKC", name).split())
    if not kept:
        raise RefusedError("person.unnamed", "a person must be named", "必须写明姓名", "give the name")
    return kept


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, whatever their case."""
    return one.casefold() == other.casefold()
