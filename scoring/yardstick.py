"""What every edition is measured against: the law's own limits and what the platforms' events carry, as strict data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from scoring.rulebook import Count, LegalBasis, Months, SeverityName, SeverityPeriod, Strict, Text

DocumentKind = Literal["court_ruling", "administrative_decision", "administrative_order", "determination"]


class DocumentClass(Strict):
    """A class of document with legal effect."""

    document_class: Text
    kind: DocumentKind
    basis: LegalBasis


class BannedSubject(Strict):
    """Words of one subject that may never be scored."""

    zh: tuple[Text, ...]
    en: tuple[Text, ...]
    why: Text

    def word_in(self, words: str) -> str | None:
        """The first of its words that stands in the text: Chinese anywhere, English at the beginning of a word."""
        found = self._pattern.search(words.lower())
        return found[0] if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        english = [rf"(?<![a-z]){re.escape(word)}" for word in self.en]
        return re.compile("|".join([*map(re.escape, self.zh), *english]))


class Source(Strict):
    """A platform or register, and which consents its records can rest on."""

    source_code: Text
    consent: tuple[Literal["none", "enrolment", "own"], ...]


class Law(Strict):
    """What `law.yaml` holds: limits no edition may pass."""

    negative_limit_months: Months
    negative_limit_basis: LegalBasis
    severities: tuple[SeverityPeriod, ...]
    adult_years: Count
    adult_basis: LegalBasis
    documents_basis: LegalBasis
    document_classes: tuple[DocumentClass, ...]
    serious_kinds: tuple[DocumentKind, ...]
    placeholder_catalogue_prefix: Text
    banned_subjects: tuple[BannedSubject, ...]
    sources: tuple[Source, ...]

    @cached_property
    def longest_months(self) -> dict[SeverityName, int]:
        """How long a record of each severity may be used at most."""
        return {period.severity: period.longest_months for period in self.severities}

    @cached_property
    def kind_of_document(self) -> dict[str, DocumentKind]:
        """The kind of every document class with legal effect."""
        return {each.document_class: each.kind for each in self.document_classes}

    @cached_property
    def consents(self) -> dict[str, tuple[str, ...]]:
        """Which consents the records of each source can rest on."""
        return {source.source_code: source.consent for source in self.sources}


class EventKind(Strict):
    """What one kind of event carries."""

    event_type: Text
    use: Literal["scored", "ending", "own_ending", "breach", "table", "case"]
    levels: Annotated[tuple[Text, ...], Field()] = ()
    quantity: Text | None = None
    deadline: StrictBool = False


@dataclass(frozen=True)
class Yardstick:
    """The law and the kinds of event."""

    law: Law
    event_kinds: tuple[EventKind, ...]

    @cached_property
    def kinds(self) -> dict[str, EventKind]:
        """Event kinds by name."""
        return {kind.event_type: kind for kind in self.event_kinds}
