"""The contracts as a table for people: one line per source and record class."""

from collections.abc import Iterable
from dataclasses import dataclass

from loan_service.district.contracts.declared import Contract, RecordClass


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One line of the table; a register has a single line with no event."""

    source_code: str
    source: str
    file_format: str
    columns: str
    record_class: str
    meaning: str
    admissibility: str
    event_type: str
    consent: str
    legal_basis: str


def describe(contracts: Iterable[Contract]) -> list[ContractLine]:
    """Every source with its classes: format, columns, admissibility, event, consent and legal basis."""
    return [line for contract in contracts for line in _lines(contract)]


def _lines(contract: Contract) -> list[ContractLine]:
    return [_line(contract, each) for each in contract.record_classes] or [_line(contract, None)]


def _line(contract: Contract, each: RecordClass | None) -> ContractLine:
    return ContractLine(
        source_code=contract.source_code,
        source=f"{contract.chinese} / {contract.english}",
        file_format=contract.file_format.value,
        columns=", ".join(column.header for column in contract.columns),
        record_class=each.name if each else "",
        meaning=f"{each.chinese} / {each.english}" if each else f"{contract.chinese} / {contract.english}",
        admissibility=each.admissibility if each else "",
        event_type=each.event_type if each else "",
        consent=each.consent.value if each else "",
        legal_basis=each.legal_basis if each else contract.legal_basis,
    )
