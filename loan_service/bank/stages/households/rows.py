"""From checked texts to rows: pseudonyms instead of tokens, figures as one JSON text, unauthorised values left out."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from loan_service.bank.files import HOUSEHOLDS, Field
from loan_service.foundation.identifiers import pseudonym

_AS_THEY_ARE = ("household_ref", "household_key", "village_code", "sector", "borrower_ref")


def household_rows(texts: pa.Table, bank_code: str, leaf_id: int) -> pa.Table:
    """One row of `bank.households` per checked row.

    The binding tokens end here: only the pseudonyms made of them are kept, the spouse's only with the spouse's consent.
    """
    count = texts.num_rows
    spouse = pc.if_else(pc.equal(texts["spouse_consented"], "1"), texts["spouse_binding_token"], "")
    return pa.table(
        {
            "bank_code": pa.repeat(bank_code, count),
            **{name: texts[name] for name in _AS_THEY_ARE},
            "snapshot_on": texts["as_of"],
            "borrower_birth_on": texts["borrower_birth_on"],
            "borrower_sex": _or_null(texts["borrower_sex"]),
            "borrower_pseudonym": _pseudonyms(bank_code, texts["borrower_binding_token"].to_pylist()),
            "spouse_pseudonym": _pseudonyms(bank_code, spouse.to_pylist()),
            "data": figures_json(texts),
            "leaf_id": pa.repeat(pa.scalar(leaf_id, pa.int64()), count),
        }
    )


def figures_json(texts: pa.Table) -> pa.ChunkedArray:
    """The figures of each row as a JSON object; numbers keep the digits they were delivered with, empty is null."""
    members = [_member(one, texts) for one in sorted(HOUSEHOLDS.fields, key=lambda one: one.name) if one.figure]
    joined = pc.binary_join_element_wise(*members, ",")
    return pc.binary_join_element_wise("{", joined, "}", "")


def _member(one: Field, texts: pa.Table) -> pa.ChunkedArray:
    value = pc.if_else(pc.equal(texts[one.name], ""), "null", texts[one.name])
    if one.rests_on:
        value = pc.if_else(pc.equal(texts[one.rests_on], "1"), value, "null")
    return pc.binary_join_element_wise(f'"{one.name}":', value, "")


def _or_null(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _pseudonyms(bank_code: str, tokens: Iterable[str]) -> pa.Array:
    return pa.array([pseudonym(bank_code, token) if token else None for token in tokens], pa.string())
