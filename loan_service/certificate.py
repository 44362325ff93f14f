"""The door: the one shape both wings know, and how each side makes or checks it.

A certificate carries a per-bank pseudonym, a grade that earns a bonus, up to four positive reason codes, the edition,
its days and the consent it rests on; nothing else crosses. It is signed as a leaf of a batch: the district signs the
batch's Merkle root once, each certificate carries its path to it. A revocation crosses likewise and gives no reason.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from loan_service.errors import RefusedError
from loan_service.foundation import merkle
from loan_service.foundation.signing import Signer, verify

VALID_DAYS = 90
BATCH_LIMIT = 500

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Grade = Literal["A", "AA", "AAA"]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificateBody(_Wire):
    """What a certificate says; its canonical bytes are what is signed."""

    bank_code: str
    pseudonym: Hex32
    grade: Grade
    reason_codes: tuple[str, ...] = Field(max_length=4)
    edition: str
    as_of: date
    expires_on: date
    consent_id: str


class RevocationBody(_Wire):
    """Ends a certificate. Withdrawing and falling below A look alike: there is no reason field."""

    bank_code: str
    pseudonym: Hex32
    certificate_id: Hex64
    revoked_on: date


class BatchProof(_Wire):
    """A leaf's way to a signed batch root (RFC 6962 audit path, bottom up)."""

    root: Hex64
    tree_size: int = Field(ge=1)
    position: int = Field(ge=0)
    path: tuple[Hex64, ...]
    key_id: str
    signature: str


class SignedCertificate(_Wire):
    """A certificate as it crosses."""

    body: CertificateBody
    proof: BatchProof


class SignedRevocation(_Wire):
    """A revocation as it crosses."""

    body: RevocationBody
    proof: BatchProof


class Delivery(_Wire):
    """One crossing: at most 500 items together."""

    certificates: tuple[SignedCertificate, ...] = Field(default=(), max_length=BATCH_LIMIT)
    revocations: tuple[SignedRevocation, ...] = Field(default=(), max_length=BATCH_LIMIT)


class ItemResult(_Wire):
    """What the bank's node did with one item."""

    certificate_id: Hex64
    kind: Literal["certificate", "revocation"]
    result: Literal["accepted", "duplicate", "rejected"]
    code: str = ""


class DeliveryResult(_Wire):
    """One result per item, in the order of the delivery."""

    results: tuple[ItemResult, ...]


def canonical(body: BaseModel) -> bytes:
    """The bytes that are hashed and signed: JSON with sorted keys, no spaces, UTF-8."""
    return orjson.dumps(body.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def certificate_id(body: CertificateBody) -> str:
    """SHA-256 of the canonical certificate, 64 hex digits."""
    return hashlib.sha256(canonical(body)).hexdigest()


def expiry(as_of: date) -> date:
    """Certificates hold for 90 days; the day itself no longer counts."""
    return as_of + timedelta(days=VALID_DAYS)


def sign_batch(bodies: Sequence[BaseModel], signer: Signer) -> list[BatchProof]:
    """Signs one batch: one signature over the root, one path per body, in order.

    Raises:
        ValueError: the batch is empty.
    """
    if not bodies:
        raise ValueError("a batch needs at least one item")
    root = merkle.root([merkle.leaf_hash(canonical(body)) for body in bodies]).hex()
    signature = signer.sign(root_bytes(root, len(bodies))).hex()
    return batch_proofs(bodies, BatchSignature(root, signer.key_id, signature))


@dataclass(frozen=True)
class BatchSignature:
    """A batch's root and the district's signature over it, as stored."""

    root: str
    key_id: str
    signature: str


def batch_proofs(bodies: Sequence[BaseModel], signature: BatchSignature) -> list[BatchProof]:
    """Each body's path in an already signed batch; `bodies` is the whole batch in its order.

    Raises:
        ValueError: the bodies do not give the signed root.
    """
    tree = merkle.levels([merkle.leaf_hash(canonical(body)) for body in bodies])
    if tree[-1][0].hex() != signature.root:
        raise ValueError(f"these {len(bodies)} items are not the batch {signature.root}")
    return [
        BatchProof(
            root=signature.root,
            tree_size=len(bodies),
            position=position,
            path=tuple(node.hex() for node in merkle.proof(tree, position)),
            key_id=signature.key_id,
            signature=signature.signature,
        )
        for position in range(len(bodies))
    ]


def root_bytes(root: str, tree_size: int) -> bytes:
    """What the district's signature covers."""
    return f"haixia-certificate-batch|{tree_size}|{root}".encode()


def check(body: BaseModel, proof: BatchProof, public_key: bytes) -> None:
    """Checks that `body` is a leaf of a batch signed with the district's key.

    Raises:
        RefusedError: the signature or the path does not hold (`certificate.signature`, `certificate.path`).
    """
    if not _root_is_signed(public_key, proof.root, proof.tree_size, proof.signature):
        raise RefusedError(
            "certificate.signature",
            "the batch root is not signed by the district's key",
            "凭证批次签名无效",
            "fetch the district's current public key and send the batch again",
        )
    path = [bytes.fromhex(node) for node in proof.path]
    leaf = merkle.leaf_hash(canonical(body))
    if not merkle.verify(leaf, proof.position, proof.tree_size, path, bytes.fromhex(proof.root)):
        raise RefusedError(
            "certificate.path", "the item is not part of the signed batch", "凭证不在签名批次内", "send it unchanged"
        )


@lru_cache(maxsize=64)  # one batch has one root: its signature is checked once, not once per certificate
def _root_is_signed(public_key: bytes, root: str, tree_size: int, signature: str) -> bool:
    return verify(public_key, bytes.fromhex(signature), root_bytes(root, tree_size))
