"""The bytes that are signed and their hashes."""

import hashlib
from datetime import date

import pytest

from bank_adapters import ContractTerms, NotCanonical, SignedContract, SigningRequest, canonical_json, terms_of

TERMS = ContractTerms(
    bank_code="island_rural",
    signing_id="S-1",
    application_id="A-1",
    household_ref="户0018",
    limit_fen=7_387_905,
    rate_bp=425,
    term_months=36,
    template_id="HX-LINE-3",
)
# Written by hand, so that a change of the canonical form is seen.
TERMS_BYTES = (
    '{"application_id":"A-1","bank_code":"island_rural","document":"haixia-terms-1","household_ref":"户0018",'
    '"limit_fen":7387905,"rate_bp":425,"signing_id":"S-1","template_id":"HX-LINE-3","term_months":36}'
).encode()
CONTRACT = SignedContract(
    terms=TERMS,
    contract_no="C-1",
    signed_on=date(2026, 6, 18),
    starts_on=date(2026, 6, 18),
    matures_on=date(2029, 6, 18),
)


def test_the_terms_hash_is_of_sorted_gapless_json() -> None:
    assert TERMS.canonical_bytes() == TERMS_BYTES
    assert TERMS.terms_hash == hashlib.sha256(TERMS_BYTES).hexdigest()


def test_the_document_holds_the_terms_their_hash_and_the_days() -> None:
    assert CONTRACT.canonical_bytes().startswith(b'{"contract_no":"C-1","document":"haixia-contract-1"')
    assert TERMS.terms_hash.encode() in CONTRACT.canonical_bytes()
    assert b'"matures_on":"2029-06-18"' in CONTRACT.canonical_bytes()


@pytest.mark.parametrize("field", [name for name in ContractTerms.__slots__ if name != "bank_code"])
def test_a_change_of_any_term_changes_both_hashes(field: str) -> None:
    values = TERMS.as_mapping()
    values[field] = values[field] + 1 if isinstance(values[field], int) else f"{values[field]}x"
    other = ContractTerms(**values)
    assert other.terms_hash != TERMS.terms_hash
    document = SignedContract(
        terms=other, contract_no="C-1", signed_on=CONTRACT.signed_on, starts_on=CONTRACT.starts_on,
        matures_on=CONTRACT.matures_on,
    )  # fmt: skip
    assert document.document_hash != CONTRACT.document_hash


def test_the_terms_of_a_request_are_those_it_was_made_of() -> None:
    values = TERMS.as_mapping()
    del values["bank_code"]
    request = SigningRequest(**values, terms_hash=TERMS.terms_hash)
    assert terms_of("island_rural", request) == TERMS
    assert terms_of("harbour_city", request).terms_hash != TERMS.terms_hash


@pytest.mark.parametrize("value", [1.5, date(2026, 6, 15), {1: "a"}, {"a": [{"b": 0.1}]}, b"bytes", {"a": {1, 2}}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_the_order_of_keys_does_not_matter_and_that_of_lists_does() -> None:
    assert canonical_json({"b": 1, "a": [1, 2]}) == canonical_json({"a": [1, 2], "b": 1}) == b'{"a":[1,2],"b":1}'
    assert canonical_json([1, 2]) != canonical_json([2, 1])
