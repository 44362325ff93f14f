"""Entering an LPR table: a public fact, typed in by one person and compared with the publication by another."""

from collections.abc import Iterator
from datetime import date

from loan_service.bank.store import policy_editions as store
from loan_service.bank.store.policy_editions import LprRow
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.people import person, same_person
from loan_service.foundation.wing import Wing
from models.lpr import LprTable, lpr_errors
from models.policy_loader import PolicyFile, read_lpr
from models.terms_errors import BrokenPolicyError, LprDayMissingError


def enter_lpr(wing: Wing, file: PolicyFile, by: str, checked_by: str, today: date) -> LprRow:
    """Lets a table price from now on; one that is known already changes nothing.

    A quote is a fact of the world: no policy can refuse it, and prices never fall below cost by it (see the cost floor
    of the rate ledger). What it cannot do is change what days gone by were priced with.

    Args:
        wing: the bank wing.
        file: the table's bytes and name.
        by: who enters it.
        checked_by: who compared it with what was published.
        today: the business date; the table has to cover it.

    Raises:
        RefusedError: it cannot be read, has a gap, ends before today, changes the past, or one person did both.
    """
    by, checked_by = person(by), person(checked_by)
    table, content_hash = _read(file, today)
    if same_person(by, checked_by):
        raise RefusedError(
            "lpr.same_person",
            f"{by} cannot both enter and check the LPR table",
            f"{by} 不能既录入又复核 LPR 报价表",
            "have somebody else compare it with what was published",
        )
    row = LprRow(
        content_hash=content_hash,
        edition=table.edition,
        from_on=table.quotes[0].since,
        until_on=table.quotes[-1].until,
        content=file.content,
        entered_by=by,
        checked_by=checked_by,
        entered_on=today,
    )
    with transaction(wing.engine) as connection:
        store.LEDGER.one_at_a_time(connection)
        known = store.lpr_by_hash(connection, content_hash)
        if known:
            return known
        if entered := store.all_lpr(connection):
            _require_same_past(entered[-1], table, today)
        store.append_lpr(connection, row)
    return row


def _read(file: PolicyFile, today: date) -> tuple[LprTable, str]:
    try:
        table, content_hash = read_lpr(file)
    except BrokenPolicyError as broken:
        raise _unreadable(str(broken)) from broken
    errors = [str(error) for error in lpr_errors(table, today)]
    if errors:
        raise _unreadable("\n".join(errors))
    return table, content_hash


def _unreadable(why: str) -> RefusedError:
    return RefusedError("lpr.unreadable", why, f"LPR 报价表有误：{why}", "mend what is named and try again")


def _require_same_past(before: LprRow, table: LprTable, today: date) -> None:
    old, _ = read_lpr(PolicyFile(before.edition, before.content))
    changed = next(_changed_days(old, table, today), None)
    if changed:
        raise RefusedError(
            "lpr.past_changed",
            f"on {changed} the LPR table {before.edition} priced otherwise; days gone by keep their price",
            f"{changed} 的 LPR 与已用报价表 {before.edition} 不一致，已过日期不得更改",
            f"write the same quotes up to {today} as in {before.edition}",
        )


def _changed_days(old: LprTable, new: LprTable, today: date) -> Iterator[date]:
    """Days before today the old table priced and the new one prices otherwise, or no longer; looked for at changes."""
    begins = sorted({quote.since for table in (old, new) for quote in table.quotes})
    for day in begins:
        if day < today and _rates(old, day) not in (None, _rates(new, day)):
            yield day


def _rates(table: LprTable, day: date) -> tuple[int, int] | None:
    try:
        quote = table.quote_on(day)
    except LprDayMissingError:
        return None
    return quote.one_year_bp, quote.five_year_bp
