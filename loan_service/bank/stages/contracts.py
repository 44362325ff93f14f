"""Mirrors what household and bank have signed: a receipt becomes a contract with an empty balance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from bank_adapters import AnyEvent, ContractTerms, SigningReceipt, contract_of
from loan_service.bank.store import contracts as store
from loan_service.bank.store import inbox
from loan_service.bank.store.breaks import Break, append_breaks
from loan_service.bank.store.rows import batch_leaf
from loan_service.foundation.database import AnyRow
from loan_service.foundation.wing import Wing

KINDS: Final = ("signing_receipt",)


def receive(wing: Wing, bank_code: str) -> int:
    """Books every receipt that waits in the bank's feed; one for terms we do not know keeps waiting.

    The bank's core is the record: a contract that differs from our terms, or that is the household's second, is
    mirrored all the same and noted as a break.
    """

    def apply(connection: Connection, events: Sequence[AnyEvent]) -> list[int]:
        receipts = [event for event in events if isinstance(event, SigningReceipt)]
        terms = store.signed_terms(connection, bank_code, [receipt.signing_id for receipt in receipts])
        known = [receipt for receipt in receipts if receipt.signing_id in terms]
        if known:
            _book(connection, bank_code, known, terms)
        return [receipt.sequence for receipt in known]

    return inbox.apply_waiting(wing, bank_code, KINDS, apply)


def _book(
    connection: Connection, bank_code: str, receipts: Sequence[SigningReceipt], terms: Mapping[str, AnyRow]
) -> None:
    contract_nos = {row.signing_id: row.contract_no for row in terms.values() if row.contract_no is not None}
    holders = store.holders(connection, [row.household_key for row in terms.values()])
    new: list[tuple[SigningReceipt, AnyRow]] = []
    found: list[Break] = []
    for receipt in receipts:
        row = terms[receipt.signing_id]
        first = contract_nos.setdefault(receipt.signing_id, receipt.contract_no)
        if first != receipt.contract_no:
            found.append(_break("signed_twice", receipt, f"these terms are contract {first} already"))
        elif row.contract_no is None:
            new.append((receipt, row))
            found += _differences(receipt, row, holders)
            holders.add(row.household_key)
    append_breaks(connection, found)
    if new:
        day = max(receipt.business_date for receipt, _ in new)
        leaf_id = batch_leaf(connection, "contracts", bank_code, [receipt.contract_no for receipt, _ in new], day)
        store.append_contracts(connection, new, leaf_id)


def _differences(receipt: SigningReceipt, row: AnyRow, holders: set[str]) -> Iterator[Break]:
    terms = ContractTerms(
        bank_code=receipt.bank_code,
        signing_id=row.signing_id,
        application_id=row.application_id,
        household_ref=row.household_ref,
        limit_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        term_months=row.term_months,
        template_id=row.template_id,
    )
    if contract_of(terms, receipt).document_hash != receipt.document_hash:
        yield _break("document_differs", receipt, "the document's hash is not that of the agreed terms")
    if row.claim_number is None:
        yield _break("signed_unasked", receipt, f"we had not put these terms forward: {row.refusal_code}")
    if row.household_key in holders:
        yield _break("second_contract", receipt, "the household holds another programme contract")


def _break(kind: str, receipt: SigningReceipt, detail: str) -> Break:
    return Break(
        kind=kind,
        bank_code=receipt.bank_code,
        about=receipt.message_id,
        found_on=receipt.business_date,
        contract_id=store.contract_id(receipt.bank_code, receipt.contract_no),
        detail=detail,
    )
