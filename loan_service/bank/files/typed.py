"""Checked columns of text become columns of numbers, days and words; an empty text is null."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from loan_service.bank.files.fields import Contract, Kind

_TYPES: Final[dict[Kind, pa.DataType]] = {
    "whole": pa.int64(),
    "flag": pa.int64(),
    "share": pa.float64(),
    "day": pa.date32(),
}


def typed(contract: Contract, texts: pa.Table) -> pa.Table:
    """The same table in the contract's types; `texts` has been checked."""
    columns = {}
    for one in contract.fields:
        known = pc.if_else(pc.equal(texts[one.name], ""), pa.scalar(None, pa.string()), texts[one.name])
        columns[one.name] = known.cast(_TYPES.get(one.kind, pa.string()))
    return pa.table(columns)
