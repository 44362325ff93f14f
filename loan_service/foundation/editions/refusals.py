"""Why an act of publishing is refused, each with what to do about it."""

from datetime import date

from sqlalchemy import Connection

from loan_service.errors import ConflictError, NotFoundError, RefusedError
from loan_service.foundation.editions.ledger import EditionLedger, P, Published
from loan_service.foundation.editions.words import Words
from loan_service.foundation.people import same_person


class UnknownEditionError(NotFoundError):
    """Nobody ever proposed an edition of that name."""

    def __init__(self, words: Words, edition: str) -> None:
        super().__init__(
            f"{words.code}.unknown",
            f"no edition {edition} was ever proposed",
            f"没有提交过{words.chinese} {edition}",
            f"`{words.command} list` shows all of them",
        )


def named(connection: Connection, ledger: EditionLedger[P], words: Words, edition: str, series: str) -> P:
    """The edition of that name, which somebody must have proposed."""
    published = ledger.named(connection, edition, series)
    if published is None:
        raise UnknownEditionError(words, edition)
    return published


def require_same(words: Words, known: Published, proposed: Published) -> None:
    """A name means one text by one author."""
    if known.content_hash != proposed.content_hash:
        raise ConflictError(
            f"{words.code}.name_used",
            f"{known.edition} was proposed on {known.proposed_on} with other bytes ({known.content_hash[:12]})",
            f"{known.edition} 已于 {known.proposed_on} 以另一内容提交（{known.content_hash[:12]}）",
            "an edition is never edited: give the changed text a new name",
        )
    if not same_person(known.author, proposed.author):
        raise ConflictError(
            f"{words.code}.other_author",
            f"{known.edition} was proposed by {known.author}",
            f"{known.edition} 由 {known.author} 提交",
            "the author proposes and assesses it; approve it if you are somebody else",
        )


def require_timely(words: Words, published: Published, today: date, *, is_first: bool) -> None:
    """Nobody is measured afterwards by a rule that did not stand; only the very first edition may look back."""
    if published.effective_from < today and not is_first:
        raise RefusedError(
            f"{words.code}.too_late",
            f"{published.edition} would take force on {published.effective_from}, before today ({today})",
            f"{published.edition} 的生效日期 {published.effective_from} 早于今天（{today}）",
            "publish it under a new name with a later date",
        )


def require_predecessor(words: Words, edition: str, against: str | None, predecessor: Published | None) -> None:
    """An edition replaces the one it was written against."""
    if against is not None and predecessor is not None and against != predecessor.edition:
        raise RefusedError(
            f"{words.code}.other_predecessor",
            f"{edition} was written against {against}, but would replace {predecessor.edition}",
            f"{edition} 是针对 {against} 修订的，实际将取代 {predecessor.edition}",
            f"write it against {predecessor.edition} and say so in `replaces`",
        )


def stale(words: Words, edition: str) -> RefusedError:
    """The assessment says nothing about the change that would happen."""
    return RefusedError(
        f"{words.code}.assessment_stale",
        f"the impact assessment of {edition} compares with another edition than the one it would replace",
        f"{edition} 的影响评估所比较的版本已不是它将取代的版本",
        f"`{words.command} publish` it again: that makes a new assessment",
    )


def require_back_out_makes_sense(
    connection: Connection, ledger: EditionLedger[P], words: Words, published: P, reason: str, today: date
) -> None:
    """Only what was approved can be backed out, for a reason, and never so that nothing is in force."""
    if published.approved_on is None:
        raise RefusedError(
            f"{words.code}.not_approved",
            f"{published.edition} was never approved, so there is nothing to back out",
            f"{published.edition} 未经审批，无需撤回",
            "leave it as it is: a proposal has no effect",
        )
    if not reason:
        raise RefusedError(
            f"{words.code}.no_reason", "a back-out needs a reason", "撤回必须说明理由", "say why with --reason"
        )
    series = ledger.series_of(published)
    now = ledger.in_force(connection, today, series=series)
    is_now = now is not None and now.content_hash == published.content_hash
    if is_now and ledger.in_force(connection, today, beside=published.content_hash, series=series) is None:
        raise RefusedError(
            f"{words.code}.last",
            f"without {published.edition} no {words.english} edition would be in force",
            f"撤回 {published.edition} 后将没有生效的{words.chinese}",
            "publish and approve a corrected edition under a new name, then back this one out once that is in force",
        )


def require_other_person(words: Words, published: Published, approver: str) -> None:
    """Two persons stand for an edition."""
    if same_person(approver, published.author):
        raise RefusedError(
            f"{words.code}.same_person",
            f"{published.author} is the author of {published.edition} and cannot approve it",
            f"{published.author} 是 {published.edition} 的起草人，不能自己审批",
            "have somebody else read and approve it",
        )
