"""Published policies as policies: by bank and day, by edition; what was stored is held against its hash."""

from datetime import date
from typing import Final

from loan_service.bank.store import policy_editions as store
from loan_service.bank.store.policy_editions import LprRow, Published
from loan_service.errors import ConflictError, NotFoundError, RefusedError
from loan_service.foundation.connection import Connection
from loan_service.foundation.editions import publications as publishing
from loan_service.foundation.editions.words import Words
from models.policy import Policy
from models.policy_loader import PolicyEdition, PolicyFile, read_policy
from models.terms_errors import BrokenPolicyError

WORDS: Final = Words("policy", "policy", "信贷政策")

POLICY_FILE: Final = "policy.yaml"
"""The policy's bytes as proposed."""

LPR_FILE: Final = "lpr.yaml"
"""The LPR table's bytes it was checked against."""


class NoPolicyError(RefusedError):
    """No edition of the bank is in force on that day: nothing may be offered, and nobody has to guess by what."""

    def __init__(self, bank_code: str, day: date) -> None:
        super().__init__(
            "policy.none_in_force",
            f"{bank_code} has no lending policy in force on {day}",
            f"{bank_code} 在 {day} 没有生效的信贷政策",
            "`haixia policy publish` one and have somebody else `haixia policy approve` it",
        )


class UnknownPolicyError(NotFoundError):
    """No such policy was ever published here."""

    def __init__(self, edition_id: str) -> None:
        super().__init__(
            "policy.unknown",
            f"no policy {edition_id} was ever published here",
            f"没有发布过信贷政策 {edition_id}",
            "`haixia policy list` shows all of them",
        )


class NoLprError(RefusedError):
    """No LPR table that was entered covers that day."""

    def __init__(self, day: date) -> None:
        super().__init__(
            "lpr.none_covers",
            f"no LPR table entered covers {day}",
            f"没有覆盖 {day} 的 LPR 报价表",
            "`haixia policy lpr FILE` enters the table with the newest quote",
        )


def policy_in_force(connection: Connection, bank_code: str, day: date) -> PolicyEdition:
    """What a bank prices by on a day: its edition in force, with the newest LPR table that covers the day.

    Raises:
        RefusedError: the bank has no policy in force (`policy.none_in_force`), or no LPR table covers the day
            (`lpr.none_covers`).
    """
    published, lpr = _in_force(connection, bank_code, day), store.lpr_on(connection, day)
    if lpr is None:
        raise NoLprError(day)
    return _edition(connection, published.content_hash, lpr)


def lending_policy(connection: Connection, bank_code: str, day: date) -> Policy:
    """The bank's policy of a day where nothing is priced, so no LPR is needed.

    Raises:
        RefusedError: the bank has no policy in force (`policy.none_in_force`).
    """
    return policy_by_hash(connection, _in_force(connection, bank_code, day).content_hash).policy


def _in_force(connection: Connection, bank_code: str, day: date) -> Published:
    published = store.in_force(connection, bank_code, day)
    if published is None:
        raise NoPolicyError(bank_code, day)
    return published


def policy_by_id(connection: Connection, edition_id: str, lpr_hash: str | None = None) -> PolicyEdition:
    """The edition an offer was priced by, whatever is in force by now.

    Args:
        connection: an open transaction of the bank wing.
        edition_id: such as `island_rural/2026-06@0123456789ab`, as an offer keeps it.
        lpr_hash: of the LPR table that priced the offer; None: the one the edition was checked against.

    Raises:
        NotFoundError: no such edition was published (`policy.unknown`), or no such table entered (`lpr.unknown`).
    """
    bank_code, _, rest = edition_id.partition("/")
    name, _, digits = rest.rpartition("@")
    published = store.LEDGER.named(connection, name, bank_code)
    if published is None or not digits or not published.content_hash.startswith(digits):
        raise UnknownPolicyError(edition_id)
    return policy_by_hash(connection, published.content_hash, lpr_hash)


def policy_by_hash(connection: Connection, content_hash: str, lpr_hash: str | None = None) -> PolicyEdition:
    """The published edition with this content, with an LPR table or with the one it was checked against.

    Raises:
        NotFoundError: no such LPR table was entered (`lpr.unknown`).
        ConflictError: the stored bytes are not what was published, or not what this version of the program can read.
    """
    if lpr_hash is None:
        files = store.LEDGER.files_of(connection, content_hash)
        return _read(content_hash, files[POLICY_FILE], PolicyFile(LPR_FILE, files[LPR_FILE]))
    lpr = store.lpr_by_hash(connection, lpr_hash)
    if lpr is None:
        raise NotFoundError(
            "lpr.unknown",
            f"no LPR table {lpr_hash[:12]} was ever entered",
            f"没有录入过 LPR 报价表 {lpr_hash[:12]}",
            "`haixia policy lpr` without a file lists what was entered",
        )
    return _edition(connection, content_hash, lpr)


def _edition(connection: Connection, content_hash: str, lpr: LprRow) -> PolicyEdition:
    files = store.LEDGER.files_of(connection, content_hash)
    edition = _read(content_hash, files[POLICY_FILE], PolicyFile(lpr.edition, lpr.content))
    if edition.lpr_hash != lpr.content_hash:
        raise ConflictError(
            "lpr.altered",
            f"the stored LPR table {lpr.edition} is not the one entered as {lpr.content_hash[:12]}",
            f"LPR 报价表 {lpr.edition} 的存档内容与录入时不符",
            "restore the table lpr_tables from a backup; the log proves the entered hash",
        )
    return edition


def _read(content_hash: str, policy: bytes, lpr: PolicyFile) -> PolicyEdition:
    try:
        edition = read_policy(PolicyFile(POLICY_FILE, policy), lpr)
    except BrokenPolicyError as error:
        raise ConflictError(
            "policy.too_old",
            f"this version of the program cannot read the policy published as {content_hash[:12]}: {error}",
            f"程序的当前版本无法读取已发布的信贷政策 {content_hash[:12]}",
            "run the version of the program it was published with",
        ) from error
    if edition.content_hash != content_hash:
        raise ConflictError(
            "policy.altered",
            f"the stored policy {edition.edition_id} is not the one published as {content_hash[:12]}",
            f"信贷政策 {edition.edition_id} 的存档内容与发布时不符",
            "restore the table policy_files from a backup; the log proves the published hash",
        )
    return edition


class Publication(publishing.Publication):
    """One line of the list of policies."""

    bank_code: str


def publications(connection: Connection, bank_code: str, today: date) -> list[Publication]:
    """Every edition a bank ever proposed, in the order of effective dates, with its state today."""
    return publishing.publications(connection, store.LEDGER, Publication, today, bank_code)


def assessment_of(connection: Connection, bank_code: str, edition: str) -> bytes:
    """The impact assessment an edition was last proposed with, as it was recorded.

    Raises:
        NotFoundError: no such edition was proposed (`policy.unknown`).
    """
    return publishing.assessment_of(connection, store.LEDGER, WORDS, edition, bank_code)
