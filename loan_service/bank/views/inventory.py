"""The inventory with what runs now: every method, its version at every bank, and whose review is overdue."""

from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.certificates import newest_edition
from loan_service.bank.store.model_ledger import LIVE, ModelCard
from loan_service.bank.views.policies import policy_in_force
from loan_service.errors import RefusedError
from loan_service.foundation.connection import Connection
from models.code_version import code_version
from models.inventory import Method, inventory


class InventoryLine(BaseModel):
    """One method as it runs."""

    model_config = ConfigDict(frozen=True)

    code: str
    name_zh: str
    name_en: str
    tier: int = Field(description="1 decides about money, 2 feeds or bounds such a decision, 3 informs people")
    home: str
    owner: str
    validator: str
    next_review_on: date
    overdue: bool
    versions: tuple[str, ...] = Field(description="what runs on that day, a line per bank where banks differ")
    inputs_zh: str
    inputs_en: str
    outputs_zh: str
    outputs_en: str
    legal: tuple[str, ...]


def inventory_lines(connection: Connection, bank_codes: Sequence[str], today: date) -> list[InventoryLine]:
    """Every quantitative method, with the versions that run today.

    Args:
        connection: an open transaction of the bank wing.
        bank_codes: the banks of this node.
        today: the business date: a review after its day is overdue.
    """
    running = _Running(connection, bank_codes, today)
    return [_line(method, running, today) for method in inventory().methods]


class _Running:
    """What runs today, looked up once."""

    def __init__(self, connection: Connection, bank_codes: Sequence[str], today: date) -> None:
        self._policies = {code: _policy(connection, code, today) for code in bank_codes}
        self._rulebook = newest_edition(connection)
        states = [(card, ledger.state_of(connection, card)[0]) for card in ledger.cards(connection)]
        self._live = [card for card, state in states if state == LIVE and card.bank_code in bank_codes]

    def versions(self, method: Method) -> Iterable[str]:
        """The versions of a method that run; none where it does not."""
        if method.version == "code":
            return (code_version(),)
        if method.version == "rulebook":
            return filter(None, (self._rulebook,))
        if method.version == "policy":
            return (f"{code}: {edition}" for code, edition in self._policies.items() if edition)
        return (card.stamp for card in self._live if _is(card, method))


def _policy(connection: Connection, bank_code: str, today: date) -> str:
    """The edition a bank prices by; empty where it has none."""
    try:
        return policy_in_force(connection, bank_code, today).edition_id
    except RefusedError:
        return ""


def _is(card: ModelCard, method: Method) -> bool:
    return card.kind == method.kind and card.method == method.version


def _line(method: Method, running: _Running, today: date) -> InventoryLine:
    told = {name: getattr(method, name) for name in InventoryLine.model_fields if hasattr(method, name)}
    return InventoryLine(**told, overdue=method.is_overdue(today), versions=tuple(running.versions(method)))
