"""The order of the district's stages, once: files -> events -> indices -> certificates -> over the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from loan_service.district.files.summary import IntakeSummary, Progress
from loan_service.district.stages import certificates, civility_index, consents, intake, registers, rulebooks
from loan_service.district.stages.civility_index import IndexRun
from loan_service.district.store.tables import log
from loan_service.district.views.rulebooks import rulebook_in_force
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing


@dataclass(frozen=True)
class Crossing:
    """What one run issued, revoked and brought to the banks' nodes."""

    issued: int
    revoked: int
    delivered: int
    waiting: int


def take_in(wing: Wing, folder: Path, business_date: date, progress: Progress) -> IntakeSummary:
    """Registers first, then consents, then feeds as they were delivered; what is known already stays as it is."""
    return (
        registers.run_registers(wing, folder, business_date, progress)
        + consents.run_consents(wing, folder, business_date, progress)
        + intake.run_intake(wing, folder, business_date, progress)
    )


def evaluate(wing: Wing, as_of: date) -> IndexRun:
    """Seals the facts and brings every index to that day, under the edition in force that day as known now."""
    rulebooks.publish_shipped(wing, as_of)
    known_position = civility_index.seal_facts(wing)
    with transaction(wing.engine) as connection:
        rulebook = rulebook_in_force(connection, as_of, known_position)
    return civility_index.compute(wing, rulebook, as_of, known_position)


def certify(wing: Wing, as_of: date, nodes: Mapping[str, httpx.Client]) -> Crossing:
    """Issues and revokes what is due, seals it, and brings it to the banks' nodes."""
    issued, revoked = certificates.issue(wing, as_of)
    with transaction(wing.engine) as connection:
        seal(connection, log, wing.signer)
    sent = [certificates.deliver(wing, bank_code, node) for bank_code, node in nodes.items()]
    return Crossing(issued, revoked, sum(done for done, _ in sent), sum(left for _, left in sent))
