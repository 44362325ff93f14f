"""What is signed: the terms put before the household and the contract that came of them, as bytes with a hash.

Until a bank's template yields a document of its own, the signed thing is this canonical data: sorted JSON, SHA-256.
Both sides compute the hashes from the data they hold, so a difference in one fen or one day shows at once.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from bank_adapters.canonical import canonical_json
from bank_adapters.messages import SigningReceipt, SigningRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """The terms a household is asked to sign; money in fen, rate in basis points a year, term in months."""

    bank_code: str
    signing_id: str
    application_id: str
    household_ref: str
    limit_fen: int
    rate_bp: int
    term_months: int
    template_id: str

    def as_mapping(self) -> dict[str, str | int]:
        """The terms by name, as they stand in the canonical bytes."""
        return {
            "bank_code": self.bank_code,
            "signing_id": self.signing_id,
            "application_id": self.application_id,
            "household_ref": self.household_ref,
            "limit_fen": self.limit_fen,
            "rate_bp": self.rate_bp,
            "term_months": self.term_months,
            "template_id": self.template_id,
        }

    def canonical_bytes(self) -> bytes:
        """The bytes the terms hash is taken of."""
        return canonical_json({"document": "haixia-terms-1", **self.as_mapping()})

    @property
    def terms_hash(self) -> str:
        """SHA-256 of the canonical terms, 64 hex characters."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContract:
    """The contract: agreed terms, the bank's contract number and the days that count."""

    terms: ContractTerms
    contract_no: str
    signed_on: date
    starts_on: date
    matures_on: date

    def canonical_bytes(self) -> bytes:
        """The bytes the document hash is taken of."""
        return canonical_json(
            {
                "document": "haixia-contract-1",
                "terms": self.terms.as_mapping(),
                "terms_hash": self.terms.terms_hash,
                "contract_no": self.contract_no,
                "signed_on": self.signed_on.isoformat(),
                "starts_on": self.starts_on.isoformat(),
                "matures_on": self.matures_on.isoformat(),
            }
        )

    @property
    def document_hash(self) -> str:
        """SHA-256 of the canonical contract, 64 hex characters."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()


def terms_of(bank_code: str, request: SigningRequest) -> ContractTerms:
    """The terms a signing request speaks of, to compute or check its `terms_hash`."""
    return ContractTerms(
        bank_code=bank_code,
        signing_id=request.signing_id,
        application_id=request.application_id,
        household_ref=request.household_ref,
        limit_fen=request.limit_fen,
        rate_bp=request.rate_bp,
        term_months=request.term_months,
        template_id=request.template_id,
    )


def contract_of(terms: ContractTerms, receipt: SigningReceipt) -> SignedContract:
    """The contract a receipt speaks of, to check its `document_hash` against the terms we asked for."""
    return SignedContract(
        terms=terms,
        contract_no=receipt.contract_no,
        signed_on=receipt.signed_on,
        starts_on=receipt.starts_on,
        matures_on=receipt.matures_on,
    )
