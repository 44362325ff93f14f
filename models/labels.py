"""Loans become label rows: who defaulted within twelve months, in the bank's past-loan file and in our own contracts.

A default is 90 days past due, a write-off or a distressed restructuring within twelve months of drawing. Only loans
that were drawn, have matured and have been observed for the whole twelve months get a label.

    bank's past-loan file ------------------------------+
                                                        +-> joined_loans -> label_rows -> one row per loan, label 0 or 1
    our drawn contracts, bank-reported events -> own_loans

Own contracts (`own_loans`, argument `contracts`), one row per contract of which money was drawn or not:

    loan_ref            text    the bank's contract number: what its own past-loan file would call the loan
    village_code        text
    drawn_on            date32  first day money left the bank; empty = never drawn, gives no row
    matured_on          date32  the contract's last day by its terms, never the day it was settled early: those who
                                settle early are the good ones, and would be counted first
    grade_at_start      text    none, A, AA, AAA on the day of drawing
    ...                 the feature columns of `models.feature_spec` as known on the day of drawing
    and, where known, principal_fen, rate_bp, purpose and the override fields below

Events (`own_loans`, argument `events`), as the bank reported them, in any order:

    loan_ref            text
    business_date       date32  the bank's accounting day
    days_past_due       integer empty = the event does not say
    loan_classification text    one of `CLASSIFICATIONS`; empty = the event does not say

Overrides are kept beside the features, never among them: whoever was accepted against the model, or looked at by a
person near the cut-off, is what later tells how far refusals bias what the model can learn (reject bias). Nobody is
accepted at random: same inputs, same price.
"""

from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.arrays import Booleans, Floats, Integers
from models.errors import MissingColumnError, UnreadableColumnError
from models.feature_spec import BASELINE_DECLARATIONS
from models.training_errors import FaultyRecordError

DEFAULT_FROM_DAYS_PAST_DUE: Final = 90
WINDOW_MONTHS: Final = 12

OUTCOMES: Final = ("days_past_due_max_12m", "written_off_within_12m", "distressed_restructuring_within_12m")

WRITTEN_OFF: Final = "written_off"
RESTRUCTURED: Final = "distressed_restructuring"
CLASSIFICATIONS: Final = ("normal", "special_mention", "substandard", "doubtful", "loss", WRITTEN_OFF, RESTRUCTURED)
"""The five classes, which alone decide nothing here, and the two deeds that are defaults by themselves."""

BANK_FILE: Final = "bank_file"
OWN_CONTRACTS: Final = "own_contracts"

OVERRIDE_FIELDS: Final = {
    "override": pa.string(),  # accepted_against_model | refused_against_model | limit_changed; empty = none
    "override_reason_code": pa.string(),
    "near_cut_off": pa.bool_(),  # a person looked because the probability lay near the cut-off
}

_DATES: Final = ("drawn_on", "matured_on")
_OWN_COLUMNS: Final = tuple(
    dict.fromkeys(
        ("loan_ref", "village_code", *_DATES, "grade_at_start", *(c for d in BASELINE_DECLARATIONS for c in d.columns))
    )
)
_EVENT_COLUMNS: Final = ("loan_ref", "business_date", "days_past_due", "loan_classification")


def label_rows(loans: pa.Table, as_of: date | None = None) -> pa.Table:
    """The loans that can teach, each with its label.

    Args:
        loans: Rows of a past-loan file, of `own_loans` or of both joined.
        as_of: Loans that matured later, or were observed for less than twelve months by this day, are left out; None
            trusts the rows to hold only such.

    Returns:
        The rows with a known outcome, ordered by drawing day and reference, with `label` (int8, 1 = default), `origin`
        (bank_file or own_contracts) and the override fields added where they are not there.

    Raises:
        MissingColumnError: A column is not there.
        UnreadableColumnError: A column is not of its type.
        FaultyRecordError: A reference stands twice, a date or an outcome is impossible.
    """
    _check_loans(loans)
    labels = default_labels(loans)
    labelled = _completed(loans).append_column("label", pa.array(labels, pa.int8(), mask=np.isnan(labels), safe=False))
    kept = labelled.filter(pa.array(~np.isnan(labels) & _is_matured(loans, as_of)))
    return kept.take(pc.sort_indices(kept, [("drawn_on", "ascending"), ("loan_ref", "ascending")]))


def joined_loans(bank_file: pa.Table, own: pa.Table) -> pa.Table:
    """The bank's past loans and our own contracts as one table with their `origin`.

    A loan that stands in both counts once, as the bank tells it: the bank's core is the record of contracts.
    """
    known = pc.is_in(_column(own, "loan_ref"), value_set=_column(bank_file, "loan_ref").combine_chunks())
    return pa.concat_tables([_completed(bank_file), own.filter(pc.invert(known))], promote_options="permissive")


def own_loans(contracts: pa.Table, events: pa.Table, as_of: date) -> pa.Table:
    """Our drawn contracts in the columns of a past-loan file, outcomes taken from what the bank reported.

    Days past due are those of the last day of the twelve months: a report that came later is taken back by the days it
    is late, so 95 days reported three days after the window were 92 within it.

    Args:
        contracts: Our contracts; columns as in this module's description.
        events: What the bank reported about them; likewise. Events after `as_of` are not looked at.
        as_of: The day until which anything is known.

    Returns:
        One row per drawn contract, `origin` own_contracts; `label_rows` then keeps the matured ones.

    Raises:
        MissingColumnError: A column is not there.
        UnreadableColumnError: A column is not of its type.
        FaultyRecordError: An event belongs to no contract or is impossible; a reference stands twice.
    """
    for name in _OWN_COLUMNS:
        _column(contracts, name)
    drawn = contracts.filter(pc.is_valid(_dates(contracts, "drawn_on")))
    _refuse(_repeated(contracts), contracts, "loan_ref", _TWICE, _SEND_ONE)
    known = events.filter(pc.less_equal(_dates(events, "business_date"), pa.scalar(as_of)))
    outcomes = _outcomes(contracts, drawn, known)
    origin = pa.array([OWN_CONTRACTS] * drawn.num_rows, pa.string())
    for name, column in {**outcomes, "origin": origin}.items():
        drawn = drawn.append_column(name, column)
    return _completed(drawn)


def default_labels(loans: pa.Table) -> Floats:
    """1 where a loan defaulted within 12 months of drawing, 0 where it did not, NaN where an outcome is missing."""
    overdue, *others = (_outcome(loans, name) for name in OUTCOMES)
    bad = (overdue >= DEFAULT_FROM_DAYS_PAST_DUE) | (others[0] > 0) | (others[1] > 0)
    unknown = np.isnan(overdue) | np.isnan(others[0]) | np.isnan(others[1])
    return np.where(unknown, np.nan, bad.astype(np.float64))


def months_later(days: Integers, months: int | Integers) -> Integers:
    """Days since 1970-01-01 so many calendar months later; a day the month does not have becomes its last."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    target = month + months
    longest = (target + 1).astype("datetime64[D]") - target.astype("datetime64[D]") - 1
    later: Integers = (target.astype("datetime64[D]") + np.minimum(day - month, longest)).astype(np.int64)
    return later


_TWICE: Final = ("编号重复", "stands twice")
_SEND_ONE: Final = ("每笔贷款只保留一行后重新报送", "send the loan once and deliver again")
_CORRECT: Final = ("由银行核对原始凭证并更正后重新报送", "let the bank check it against its books and deliver again")


def _outcomes(contracts: pa.Table, drawn: pa.Table, events: pa.Table) -> dict[str, pa.Array]:
    """The three outcomes of each drawn contract."""
    for name in _EVENT_COLUMNS:
        _column(events, name)
    start = _days(drawn, "drawn_on")
    place = _places(contracts, drawn, events)
    about = place >= 0
    events, place = events.filter(pa.array(about)), place[about]
    day, end = _days(events, "business_date"), months_later(start, WINDOW_MONTHS)[place]
    _refuse(day < start[place], events, "business_date", ("早于首次用信日", "lies before the first drawing"), _CORRECT)
    overdue = _overdue(events)
    within = np.where(overdue > 0, np.maximum(overdue - np.maximum(day - (end - 1), 0), 0), 0)
    worst = np.zeros(drawn.num_rows, dtype=np.int64)
    np.maximum.at(worst, place, within)
    inside = day < end
    deeds = (_happened(events, deed, place[inside], inside, len(start)) for deed in (WRITTEN_OFF, RESTRUCTURED))
    return dict(zip(OUTCOMES, map(pa.array, (worst, *deeds)), strict=True))


def _places(contracts: pa.Table, drawn: pa.Table, events: pa.Table) -> Integers:
    """Row of each event's contract among the drawn ones; -1 where nothing was drawn."""
    of_any = pc.is_in(_column(events, "loan_ref"), value_set=_column(contracts, "loan_ref").combine_chunks())
    stray = ~of_any.to_numpy(zero_copy_only=False).astype(np.bool_)
    problem = ("没有对应的合同", "belongs to no contract of ours")
    _refuse(stray, events, "loan_ref", problem, ("核对合同编号", "check the contract number"))
    found = pc.index_in(_column(events, "loan_ref"), value_set=_column(drawn, "loan_ref").combine_chunks())
    places: Integers = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _overdue(events: pa.Table) -> Integers:
    column = _column(events, "days_past_due")
    if not (pa.types.is_integer(column.type) or pa.types.is_null(column.type)):
        raise UnreadableColumnError("days_past_due", str(column.type), "integer")
    overdue: Integers = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    _refuse(overdue < 0, events, "days_past_due", ("为负数", "is negative"), _CORRECT)
    return overdue


def _happened(events: pa.Table, deed: str, place: Integers, within: Booleans, count: int) -> Integers:
    """1 for each contract of which the bank reported the deed within the window."""
    told = _column(events, "loan_classification").cast(pa.string())
    unknown = pc.and_kleene(pc.is_valid(told), pc.invert(pc.is_in(told, value_set=pa.array(CLASSIFICATIONS))))
    problem = ("不是已声明的分类", f"is none of {', '.join(CLASSIFICATIONS)}")
    _refuse(_flags(unknown), events, "loan_classification", problem, _CORRECT)
    happened = np.zeros(count, dtype=np.int64)
    happened[place[_flags(pc.equal(told, deed))[within]]] = 1
    return happened


def _completed(loans: pa.Table) -> pa.Table:
    """The table with `origin` and the override fields, empty where nothing is known of them."""
    missing = {name: pa.nulls(loans.num_rows, kind) for name, kind in OVERRIDE_FIELDS.items()}
    missing["origin"] = pa.array([BANK_FILE] * loans.num_rows, pa.string())
    for name, column in missing.items():
        if name not in loans.column_names:
            loans = loans.append_column(name, column)
    return loans


def _check_loans(loans: pa.Table) -> None:
    drawn, matured = (_dates(loans, name) for name in _DATES)
    _refuse(_repeated(loans), loans, "loan_ref", _TWICE, _SEND_ONE)
    _refuse(_flags(pc.is_null(drawn)), loans, "drawn_on", ("为空", "is empty"), _CORRECT)
    _refuse(_flags(pc.less(matured, drawn)), loans, "matured_on", ("早于放款日", "lies before the drawing"), _CORRECT)
    for name, most in zip(OUTCOMES, (np.inf, 1, 1), strict=True):
        outcome = _outcome(loans, name)
        problem = ("超出取值范围", f"is outside 0 to {most:g}")
        _refuse((outcome < 0) | (outcome > most), loans, name, problem, _CORRECT)


def _is_matured(loans: pa.Table, as_of: date | None) -> Booleans:
    known = _flags(pc.is_valid(loans.column("matured_on")))
    if as_of is None:
        return known
    matured = _flags(pc.less_equal(loans.column("matured_on"), pa.scalar(as_of)))
    observed = months_later(_days(loans, "drawn_on"), WINDOW_MONTHS) <= (as_of - date(1970, 1, 1)).days
    return matured & observed


def _repeated(loans: pa.Table) -> Booleans:
    """Rows whose reference stood before."""
    places = _column(loans, "loan_ref").combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first = np.zeros(len(places), dtype=np.bool_)
    first[np.unique(places, return_index=True)[1]] = True
    return ~first


def _outcome(loans: pa.Table, name: str) -> Floats:
    column = _column(loans, name)
    if not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        raise UnreadableColumnError(name, str(column.type), "integer")
    outcome: Floats = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return outcome


def _dates(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = _column(table, name)
    if not pa.types.is_date32(column.type):
        raise UnreadableColumnError(name, str(column.type), "date32")
    return column


def _days(table: pa.Table, name: str) -> Integers:
    days: Integers = _dates(table, name).cast(pa.int32()).to_numpy().astype(np.int64)
    return days


def _flags(column: pa.ChunkedArray) -> Booleans:
    flags: Booleans = pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise MissingColumnError("label", name)
    return table.column(name)


def _refuse(faulty: Booleans, table: pa.Table, field: str, problem: tuple[str, str], remedy: tuple[str, str]) -> None:
    """Name the first faulty record, if there is one."""
    if faulty.any():
        raise FaultyRecordError(str(table.column("loan_ref")[int(np.argmax(faulty))]), field, problem, remedy)
