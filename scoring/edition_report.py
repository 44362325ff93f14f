"""What checking an edition tells its owners: findings about its values, and how it behaves when it is run."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.archetypes import Archetypes
from scoring.behaviour import Behaviour, behaviour, behaviour_complaints
from scoring.edition_reading import ReadEdition, findings_of
from scoring.errors import Finding
from scoring.rulebook import Rulebook
from scoring.yardstick import Law


@dataclass(frozen=True)
class EditionReport:
    """What checking an edition found.

    Attributes:
        rulebook: None if a file has not even the right shape.
        behaviour: None if the values have errors; such an edition is not run.
    """

    rulebook: Rulebook | None
    findings: tuple[Finding, ...]
    behaviour: Behaviour | None

    @property
    def sound(self) -> bool:
        """Whether the edition may be used."""
        return all(finding.severity != "error" for finding in self.findings)


def edition_report(read: ReadEdition, law: Law, archetypes: Archetypes) -> EditionReport:
    """Runs an edition whose values have no errors, and adds what that shows to be wrong."""
    if read.rulebook is None or read.errors:
        return EditionReport(read.rulebook, read.findings, None)
    found = behaviour(read.rulebook, archetypes)
    more = findings_of(read.sources, behaviour_complaints(found, law))
    return EditionReport(read.rulebook, (*read.findings, *more), found)
