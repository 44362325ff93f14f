"""What each row says happened: when, how grave, how much, about which earlier record; by its class's declaration."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loan_service.district.contracts import Contract, RecordClass
from loan_service.district.contracts.declared import NEGATIVE_COLUMNS, Level, Quantity
from loan_service.district.files.checking import TypedColumns, day_column, thousandths
from loan_service.district.files.findings import NO_DAY, Days, Findings, Ints, Mask, days_of, mask_of

_MILLI = 1000
_MINUTES_OF_HOUR = 60
_MINUTES_OF_DAY = 24 * 60


@dataclass(slots=True)
class Happenings:
    """Columns of a chunk's events, filled class by class; days are `NO_DAY` and texts null where absent."""

    class_of: Ints
    occurred_on: Days
    effective_from: Days
    counts_from: Days
    due_on: Days
    level: pa.Array
    quantity_milli: Ints
    negative: Mask
    refers: Mask


def happenings(
    contract: Contract, columns: TypedColumns, class_of: Ints, notice_days: int, findings: Findings
) -> Happenings:
    """Reads every row by its class's declaration and notes what the class demands and the row lacks."""
    rows = len(class_of)
    effective = days_of(columns["effective_from"]) if "effective_from" in columns else _no_days(rows)
    what = Happenings(
        class_of=class_of,
        occurred_on=_no_days(rows),
        effective_from=effective,
        counts_from=_no_days(rows),
        due_on=_no_days(rows),
        level=pa.nulls(rows, pa.string()),
        quantity_milli=np.zeros(rows, np.int64),
        negative=np.zeros(rows, np.bool_),
        refers=_refers(columns, rows, findings),
    )
    for number, each in enumerate(contract.record_classes):
        of_class = class_of == number
        if of_class.any():
            _read_class(each, of_class, contract, columns, what, findings)
    what.counts_from = np.where(what.negative, _negative_counts_from(columns, what, notice_days), what.occurred_on)
    return what


def _refers(columns: TypedColumns, rows: int, findings: Findings) -> Mask:
    """Rows that name another record: what their class is about, or else what they correct."""
    if "related_record_no" not in columns:
        return np.zeros(rows, np.bool_)
    itself = mask_of(pc.equal(columns["related_record_no"], columns["record_no"]))
    findings.add(itself, "related_record_no", "reference.unknown")
    return mask_of(pc.is_valid(columns["related_record_no"]))


def _no_days(rows: int) -> Days:
    return np.full(rows, NO_DAY, np.int32)


def _read_class(
    each: RecordClass, of_class: Mask, contract: Contract, columns: TypedColumns, what: Happenings, findings: Findings
) -> None:
    _demand(each, of_class, columns, findings)
    for field in contract.unexpected(each):
        findings.add(of_class & mask_of(pc.is_valid(columns[field])), field, "value.unexpected")
    occurred = day_column(contract.kind_of(each.occurred), columns[each.occurred])
    what.occurred_on = np.where(of_class, occurred, what.occurred_on)
    if each.due:
        what.due_on = np.where(of_class, days_of(columns[each.due]), what.due_on)
        reversed_period = of_class & (what.due_on != NO_DAY) & (what.due_on < occurred) & (occurred != NO_DAY)
        findings.add(reversed_period, each.due, "period.reversed")
    what.level = pc.if_else(pa.array(of_class), _level(each.level, of_class, columns, findings), what.level)
    quantity = _quantity(each.quantity, of_class, contract, columns, findings)
    what.quantity_milli = np.where(of_class, quantity, what.quantity_milli)
    what.negative |= of_class & each.negative


def _demand(each: RecordClass, of_class: Mask, columns: TypedColumns, findings: Findings) -> None:
    """Notes empty columns the class needs, in the words of what is missing."""
    needed = dict.fromkeys(_needed(each), "value.missing")
    if each.negative:
        needed |= NEGATIVE_COLUMNS
    if each.refers:
        needed["related_record_no"] = "reference.missing"
    sound = of_class & ~findings.bad
    for name, code in needed.items():
        if columns[name].null_count:
            findings.add(sound & mask_of(pc.is_null(columns[name])), name, code)
    if each.differ:
        first, second = each.differ
        findings.add(sound & mask_of(pc.equal(columns[first], columns[second])), second, "witnesses.same")


def _needed(each: RecordClass) -> set[str]:
    named = {each.occurred, each.due, each.level.column, each.quantity.column, *each.needs}
    return (named | set(each.quantity.hours_between or ())) - {""}


def _level(level: Level, of_class: Mask, columns: TypedColumns, findings: Findings) -> pa.Array:
    if not level.column:
        return pa.array([level.fixed or None], pa.string()).take(pa.array(np.zeros(len(of_class), np.int64)))
    delivered = columns[level.column]
    if not level.names:
        return delivered
    places = pc.index_in(delivered, value_set=pa.array(list(level.names)))
    unknown = of_class & mask_of(pc.is_valid(delivered)) & mask_of(pc.is_null(places))
    findings.add(unknown, level.column, "value.unknown")
    named = pa.array([name or None for name in level.names.values()], pa.string()).take(places)
    if level.prefix_if is None:
        return named
    column, value, prefix = level.prefix_if
    prefixed = pc.binary_join_element_wise(prefix, named, "")
    return pc.if_else(pc.equal(columns[column], value).fill_null(False), prefixed, named)


def _quantity(
    quantity: Quantity, of_class: Mask, contract: Contract, columns: TypedColumns, findings: Findings
) -> Ints:
    if quantity.hours_between:
        return _hours_milli(quantity.hours_between, of_class, columns, findings)
    if quantity.column:
        return thousandths(contract.kind_of(quantity.column), columns[quantity.column])
    return np.full(len(of_class), quantity.fixed_milli, np.int64)


def _hours_milli(between: tuple[str, str], of_class: Mask, columns: TypedColumns, findings: Findings) -> Ints:
    """Thousandths of hours between two minutes, cut to the thousandth below: never more than was logged."""
    first, last = (columns[name] for name in between)
    both = of_class & mask_of(pc.and_(pc.is_valid(first), pc.is_valid(last)))
    minutes = np.asarray(pc.minutes_between(first, last).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    findings.add(both & (minutes <= 0), between[1], "period.reversed")
    findings.add(both & (minutes > _MINUTES_OF_DAY), between[1], "number.out_of_range")
    return np.where(both & (minutes > 0), minutes * _MILLI // _MINUTES_OF_HOUR, 0)


def _negative_counts_from(columns: TypedColumns, what: Happenings, notice_days: int) -> Days:
    """Negatives count when the person has had time to object, and never before the decision took effect."""
    if "notice_served_on" not in columns:
        return what.occurred_on
    served = days_of(columns["notice_served_on"]).astype(np.int64)
    counts = np.maximum(served + notice_days, what.effective_from)
    return np.minimum(counts, NO_DAY).astype(np.int32)
