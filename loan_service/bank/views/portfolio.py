"""How full a bank's portfolio is: per cap and budget what is reserved, signed, corrected and free, and who waits."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import portfolio_reading as reading
from loan_service.bank.store.portfolio_reading import Held
from loan_service.foundation.connection import Connection
from models.policy import Policy
from models.portfolio import PortfolioLimits, Pot, Scope, limits_on

_NOTHING = Held(0, 0, 0)
_ORDER: tuple[Scope, ...] = ("programme", "sector", "village", "bonus", "incentive")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class PotSeen(_Read):
    """One cap or budget; money in fen."""

    scope: Scope = Field(description="programme, village, sector: baseline limits; bonus; incentive: yearly cost")
    code: str = Field(description="village, sector or budget; empty for the programme")
    year: int = Field(description="calendar year of a bonus budget, else 0")
    cap_fen: int | None = Field(description="None: counted, not capped")
    reserved_fen: int = Field(description="out for signing")
    signed_fen: int
    corrected_fen: int = Field(description="entered to make the ledger agree with the signings; nobody's")
    free_fen: int | None = Field(description="below zero where a cap was lowered, or the bank signed past it")
    share: float | None = Field(description="reserved, signed and corrected over cap")


class PortfolioView(_Read):
    """Every cap and budget of a bank on a day."""

    bank_code: str
    as_of: date
    policy_edition: str
    pots: list[PotSeen]
    waiting: dict[str, int] = Field(description="approved households that wait, by kind of cap")

    def tightest(self, count: int) -> list[PotSeen]:
        """The fullest villages, at most so many, and every other pot."""
        villages = sorted((pot for pot in self.pots if pot.scope == "village"), key=lambda pot: -(pot.share or 0))
        return [pot for pot in self.pots if pot.scope != "village" or pot in villages[:count]]


def portfolio_view(connection: Connection, bank_code: str, policy: Policy, day: date) -> PortfolioView:
    """Reads a bank's ledger against the caps of a policy on a day; it holds what was entered until now."""
    limits = limits_on(policy, day)
    held = reading.held_by_pot(connection, bank_code)
    pots = sorted({*held, *_capped(limits)}, key=lambda pot: (_ORDER.index(pot.scope), pot.code, pot.year))
    return PortfolioView(
        bank_code=bank_code,
        as_of=day,
        policy_edition=policy.edition,
        pots=[_seen(pot, held, limits) for pot in pots],
        waiting=reading.waiting_by_code(connection, bank_code, day),
    )


def _capped(limits: PortfolioLimits) -> list[Pot]:
    """Pots that have a cap of their own, whether anything was taken of them or not."""
    named = [Pot(scope, code) for scope, code in limits.caps_fen if code or scope == "programme"]
    return [*named, limits.bonus_pot, limits.incentive_pot]


def _seen(pot: Pot, held: Mapping[Pot, Held], limits: PortfolioLimits) -> PotSeen:
    here, cap_fen = held.get(pot, _NOTHING), limits.cap_fen(pot)
    return PotSeen(
        **pot._asdict(),
        cap_fen=cap_fen,
        reserved_fen=here.reserved_fen,
        signed_fen=here.signed_fen,
        corrected_fen=here.corrected_fen,
        free_fen=None if cap_fen is None else cap_fen - here.held_fen,
        share=here.held_fen / cap_fen if cap_fen else None,
    )
