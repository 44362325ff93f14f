"""All facts of a dossier in one tree: computed from the registered version, formatted by nobody yet."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from models.dossier import identity, ledgers, outcomes, shapes, strains, worth
from models.dossier.canonical import DossierFacts, plain
from models.dossier.inputs import Case

FORMAT: Final = "haixia-dossier/1"

_PARTS: Final[Mapping[str, Callable[[Case], Any]]] = {
    "identity": identity.identity,
    "lineage": identity.lineage,
    "assumptions": identity.assumptions,
    "method": identity.method,
    "shapes": shapes.shapes,
    "interactions": shapes.interactions,
    "performance": outcomes.performance,
    "stability": outcomes.stabilities,
    "uncertainty": outcomes.uncertainty,
    "sensitivity": strains.sensitivity,
    "stress": strains.stress,
    "fairness": strains.fairnesses,
    "index_worth": worth.index_worth,
    "monitoring": worth.monitoring,
    "gates": lambda case: ledgers.gates(case.papers),
    "change_log": lambda case: ledgers.change_log(case.papers),
    "sign_offs": lambda case: ledgers.sign_offs(case.papers),
    "findings": lambda case: ledgers.findings(case.papers),
    "papers": lambda case: ledgers.other_papers(case.papers),
}


def facts_of(case: Case) -> DossierFacts:
    """Every figure of a dossier.

    Args:
        case: The registered version, its sample, the policy and the papers. Equal cases give equal facts.
    """
    return DossierFacts({"format": FORMAT, **{name: plain(part(case)) for name, part in _PARTS.items()}})
