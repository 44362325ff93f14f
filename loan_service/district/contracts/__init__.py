"""The first room of the district's flow: what every source promised about its files.

A contract is data: columns with the headers agencies write, record classes with their legal basis and consent, and the
event each class becomes. Reading, checking and landing files interpret these declarations; nothing else knows a header.
"""

from typing import Final

from loan_service.district.contracts.declared import Contract, FileFormat, RecordClass
from loan_service.district.contracts.describe import describe
from loan_service.district.contracts.sources import (
    consents,
    court_litigation,
    district_grid,
    ebike_control,
    grassroots_platforms,
    household_hygiene,
    legal_representatives,
    municipal_credit,
    neighborhood_points,
    permit_commitments,
    resident_register,
    self_discipline,
    village_compact,
    volunteering,
)

__all__ = ["CONTRACTS", "FEEDS", "REGISTERS", "Contract", "FileFormat", "RecordClass", "describe"]

CONTRACTS: Final[dict[str, Contract]] = {
    module.CONTRACT.source_code: module.CONTRACT
    for module in (
        resident_register,
        legal_representatives,
        consents,
        municipal_credit,
        district_grid,
        permit_commitments,
        ebike_control,
        neighborhood_points,
        grassroots_platforms,
        court_litigation,
        volunteering,
        household_hygiene,
        village_compact,
        self_discipline,
    )
}
"""Every source by its code, in the order of loading."""

REGISTERS: Final = tuple(c for c in CONTRACTS.values() if c.role == "register")
FEEDS: Final = tuple(c for c in CONTRACTS.values() if c.role == "feed")
