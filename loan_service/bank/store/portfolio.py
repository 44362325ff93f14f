"""The ledger of portfolio caps and budgets at one bank: what is held, what was freed since, who waits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection, func, select, text

from loan_service.bank.store.portfolio_reading import newest_waits
from loan_service.bank.store.portfolio_tables import portfolio_entries, portfolio_waits
from loan_service.bank.store.rows import among, append_rows, batch_leaf, only_one
from loan_service.errors import ConflictError
from models.portfolio import PortfolioLimits, Pot, baseline_pots, gap_cost_fen

Kind = Literal["reserved", "lapsed", "rejected", "ended", "signed_anyway", "corrected"]

_STANDING = text("""
    SELECT scope, code, year, max(entry_number), sum(amount_fen)::bigint FROM bank.portfolio_entries
    WHERE bank_code = :bank_code GROUP BY scope, code, year
""")

# What became of terms that were put before a household, or that the bank signed without being asked by us.
_SIGNINGS = """
    SELECT s.signing_id, s.village_code, s.sector, s.baseline_fen, s.bonus_fen, s.limit_fen, s.gap_bp,
           extract(year FROM s.requested_on)::integer AS year,
           CASE WHEN x.contract_id IS NOT NULL THEN 'ended'
                WHEN c.contract_id IS NOT NULL THEN 'signed'
                WHEN EXISTS (SELECT FROM bank.rejections r WHERE r.subject_id = s.signing_id) THEN 'rejected'
                WHEN s.holds_until <= :day THEN 'lapsed' ELSE 'open' END AS state
    FROM bank.signings s
    LEFT JOIN bank.contracts c ON c.signing_id = s.signing_id
    LEFT JOIN bank.closures x ON x.contract_id = c.contract_id
    WHERE s.bank_code = :bank_code AND (s.refusal_code IS NULL OR c.contract_id IS NOT NULL)
"""

# A contract that ended still counts in the bonus budget of its year, and nowhere else.
_COUNTED = text(f"""
    SELECT village_code, sector, year, (coalesce(sum(bonus_fen), 0))::bigint AS bonus_fen,
           (coalesce(sum(baseline_fen) FILTER (WHERE state <> 'ended'), 0))::bigint AS baseline_fen,
           (coalesce(sum((limit_fen * gap_bp + 9999) / 10000) FILTER (WHERE state <> 'ended'), 0))::bigint AS cost_fen
    FROM ({_SIGNINGS}) s WHERE state IN ('open', 'signed', 'ended') GROUP BY village_code, sector, year
""")  # noqa: S608 - put together from our own texts

# The next entry of each signing whose newest one no longer says how it stands.
_DUE = text(f"""
    WITH newest AS (
        SELECT DISTINCT ON (signing_id) signing_id, kind FROM bank.portfolio_entries
        WHERE bank_code = :bank_code AND scope = 'programme' AND signing_id IS NOT NULL
        ORDER BY signing_id, entry_number DESC),
    standing AS (
        SELECT s.*, CASE
            WHEN s.state IN ('signed', 'ended') AND coalesce(n.kind, 'lapsed') IN ('lapsed', 'rejected')
                THEN 'signed_anyway'
            WHEN s.state = 'open' AND n.kind IS NULL THEN 'reserved'
            WHEN s.state IN ('ended', 'rejected', 'lapsed') AND n.kind IN ('reserved', 'signed_anyway') THEN s.state
            END AS due
        FROM ({_SIGNINGS}) s LEFT JOIN newest n ON n.signing_id = s.signing_id)
    SELECT * FROM standing WHERE due IS NOT NULL ORDER BY signing_id
""")  # noqa: S608 - put together from our own texts


@dataclass(frozen=True)
class Signed:
    """Terms as they count in the portfolio: their state (open, signed, ended, rejected, lapsed) and the entry due."""

    signing_id: str
    village_code: str
    sector: str
    baseline_fen: int
    bonus_fen: int
    limit_fen: int
    gap_bp: int
    year: int
    state: str
    due: Kind

    def amounts(self, limits: PortfolioLimits) -> dict[Pot, int]:
        """What these terms take while they are open or signed, by pot."""
        taken = dict.fromkeys(baseline_pots(self.village_code, self.sector), self.baseline_fen)
        taken[Pot("bonus", limits.bonus.code, self.year)] = self.bonus_fen
        taken[limits.incentive_pot] = gap_cost_fen(self.limit_fen, self.gap_bp)
        return {pot: amount_fen for pot, amount_fen in taken.items() if amount_fen}


class Ledger:
    """The pots of one bank while its lock is held, and the entries that are about to be written."""

    def __init__(self, connection: Connection, bank_code: str, day: date) -> None:
        """Read what the pots hold.

        Args:
            connection: an open transaction that holds the bank's portfolio lock (`one_at_a_time`).
            bank_code: the bank.
            day: business date of the entries to come.
        """
        self._connection = connection
        self._bank_code = bank_code
        self._day = day
        standing = connection.execute(_STANDING, {"bank_code": bank_code})
        self._standing = {Pot(*pot): (number, total_fen) for *pot, number, total_fen in standing}
        self._rows: list[dict[str, object]] = []

    @property
    def held_fen(self) -> dict[Pot, int]:
        """What every pot holds, entries about to be written included."""
        return {pot: total_fen for pot, (_, total_fen) in self._standing.items()}

    def enter(
        self,
        kind: Kind,
        signing_id: str | None,
        amounts: Iterable[tuple[Pot, int]],
        limits: PortfolioLimits | None = None,
    ) -> None:
        """Add entries to pots; where `limits` are given their caps must hold, or nothing can be written."""
        for pot, amount_fen in amounts:
            number, total_fen = self._standing.get(pot, (0, 0))
            self._standing[pot] = number + 1, total_fen + amount_fen
            self._rows.append(
                {
                    "bank_code": self._bank_code,
                    **pot._asdict(),
                    "entry_number": number + 1,
                    "signing_id": signing_id,
                    "kind": kind,
                    "amount_fen": amount_fen,
                    "total_fen": total_fen + amount_fen,
                    "cap_fen": limits.cap_fen(pot) if limits else None,
                    "entered_on": self._day,
                }
            )

    def write(self) -> None:
        """Append the entries.

        Raises:
            ConflictError: somebody else has written to one of the pots since it was read (`portfolio.moved`).
        """
        if not self._rows:
            return
        named = ("scope", "code", "year", "entry_number", "kind", "signing_id")
        keys = ["/".join(str(row[name]) for name in named) for row in self._rows]
        leaf_id = batch_leaf(self._connection, "portfolio", self._bank_code, keys, self._day)
        rows = [row | {"leaf_id": leaf_id} for row in self._rows]
        self._rows = []
        if append_rows(self._connection, portfolio_entries, rows) != len(rows):
            raise ConflictError(
                "portfolio.moved",
                "somebody else has reserved in this portfolio meanwhile",
                "额度池刚被他人占用",
                "run again: the reservation is seen then",
            )


def one_at_a_time(connection: Connection, bank_code: str) -> None:
    """Lets one transaction at a time reserve at a bank: what is left and what is taken of it belong together."""
    only_one(connection, f"portfolio:{bank_code}")


def ledger_day(connection: Connection, bank_code: str, business_date: date) -> date:
    """The day a bank's ledger stands at, with its lock taken: a bank ahead of us has entries of days to come."""
    one_at_a_time(connection, bank_code)
    column = portfolio_entries.c
    newest = select(func.max(column.entered_on)).where(column.bank_code == bank_code)
    return max(business_date, connection.execute(newest).scalar_one() or business_date)


def open_ledger(connection: Connection, bank_code: str, day: date, limits: PortfolioLimits) -> Ledger:
    """Takes the bank's lock, and brings its ledger up to what has happened until a day.

    Terms that lapsed or were refused free all they held, a contract that ended frees its caps and its yearly cost; the
    year's bonus budget stays used by what was signed in it. What the bank signed without a reservation is entered
    above any cap: the bank's core is the record.
    """
    one_at_a_time(connection, bank_code)
    ledger = Ledger(connection, bank_code, day)
    # A contract both signed and ended since we looked takes two entries, one after the other.
    while due := [Signed(**row._asdict()) for row in connection.execute(_DUE, {"bank_code": bank_code, "day": day})]:
        held = _held_by(connection, [one.signing_id for one in due])
        for one in due:
            ledger.enter(one.due, one.signing_id, _changes(one, held[one.signing_id], limits))
        ledger.write()
    return ledger


def _changes(one: Signed, held: Counter[Pot], limits: PortfolioLimits) -> Iterable[tuple[Pot, int]]:
    if one.due in ("reserved", "signed_anyway"):
        return one.amounts(limits).items()
    kept = "bonus" if one.due == "ended" else None
    return [(pot, -amount_fen) for pot, amount_fen in held.items() if amount_fen and pot.scope != kept]


def rebuilt(connection: Connection, bank_code: str, day: date, limits: PortfolioLimits) -> Counter[Pot]:
    """What the pots should hold by the signings and contracts alone."""
    pots: Counter[Pot] = Counter()
    for row in connection.execute(_COUNTED, {"bank_code": bank_code, "day": day}):
        pots.update(dict.fromkeys(baseline_pots(row.village_code, row.sector), row.baseline_fen))
        pots[Pot("bonus", limits.bonus.code, row.year)] += row.bonus_fen
        pots[limits.incentive_pot] += row.cost_fen
    return pots


def _held_by(connection: Connection, signing_ids: Sequence[str]) -> Mapping[str, Counter[Pot]]:
    column = portfolio_entries.c
    rows = connection.execute(
        select(column.signing_id, column.scope, column.code, column.year, column.amount_fen).where(
            among(column.signing_id, signing_ids)
        )
    )
    held: dict[str, Counter[Pot]] = {signing_id: Counter() for signing_id in signing_ids}
    for signing_id, scope, code, year, amount_fen in rows:
        held[signing_id][Pot(scope, code, year)] += amount_fen
    return held


@dataclass(frozen=True)
class Wait:
    """An approved application that a cap holds up."""

    application_id: str
    code: str


def append_waits(connection: Connection, bank_code: str, waits: Sequence[Wait], policy_edition: str, day: date) -> None:
    """Notes who waits at which cap; whoever waits at the cap that was noted last goes on waiting there."""
    known = newest_waits(connection, [wait.application_id for wait in waits])
    new = [wait for wait in waits if wait.application_id not in known or known[wait.application_id].code != wait.code]
    if new:
        keys = [f"{wait.application_id}/{wait.code}/{day}" for wait in new]
        leaf_id = batch_leaf(connection, "portfolio-waits", bank_code, keys, day)
        common = {"bank_code": bank_code, "policy_edition": policy_edition, "since_on": day, "leaf_id": leaf_id}
        append_rows(connection, portfolio_waits, [vars(wait) | common for wait in new])
