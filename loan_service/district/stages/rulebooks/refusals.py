"""Why an act of publishing is refused, each with what to do about it."""

from datetime import date

from sqlalchemy import Connection

from loan_service.district.store import rulebooks as store
from loan_service.district.store.rulebooks import Published
from loan_service.district.views.rulebooks import UnknownEditionError
from loan_service.errors import ConflictError, RefusedError
from loan_service.foundation.people import same_person
from loan_service.foundation.wing import Wing
from scoring import Rulebook


def named(connection: Connection, edition: str) -> Published:
    """The edition of that name, which somebody must have proposed."""
    published = store.named(connection, edition)
    if published is None:
        raise UnknownEditionError(edition)
    return published


def require_same(known: Published, rulebook: Rulebook, author: str) -> None:
    """A name means one text by one author."""
    if known.content_hash != rulebook.content_hash:
        raise ConflictError(
            "rulebook.name_used",
            f"{known.edition} was proposed on {known.proposed_on} with other bytes ({known.content_hash[:12]})",
            f"{known.edition} 已于 {known.proposed_on} 以另一内容提交（{known.content_hash[:12]}）",
            "an edition is never edited: give the changed text a new name",
        )
    if not same_person(known.author, author):
        raise ConflictError(
            "rulebook.other_author",
            f"{known.edition} was proposed by {known.author}",
            f"{known.edition} 由 {known.author} 提交",
            "the author proposes and assesses it; approve it if you are somebody else",
        )


def require_demo(wing: Wing, edition: str) -> None:
    """Invented catalogue ids are no legal ground: such an edition is for demonstrations."""
    if not wing.settings.demo:
        raise RefusedError(
            "rulebook.placeholder",
            f"{edition} has invented catalogue ids; such an edition is published in demo mode only",
            f"{edition} 的目录编号为示例编号，只能在演示模式发布",
            "replace every placeholder by an id of the published catalogue and set placeholder_catalogue: false",
        )


def require_timely(connection: Connection, edition: str, effective_from: date, today: date) -> None:
    """Nobody is measured afterwards by a rule that did not stand; only the very first edition may look back."""
    if effective_from < today and not store.is_first(connection):
        raise RefusedError(
            "rulebook.too_late",
            f"{edition} would take force on {effective_from}, before today ({today})",
            f"{edition} 的生效日期 {effective_from} 早于今天（{today}）",
            "publish it under a new name with a later date",
        )


def require_predecessor(rulebook: Rulebook, predecessor: Published | None) -> None:
    """An edition replaces the one it was written against."""
    said = rulebook.edition.replaces
    if said is not None and predecessor is not None and said != predecessor.edition:
        raise RefusedError(
            "rulebook.other_predecessor",
            f"{rulebook.edition.edition} was written against {said}, but would replace {predecessor.edition}",
            f"{rulebook.edition.edition} 是针对 {said} 修订的，实际将取代 {predecessor.edition}",
            f"write it against {predecessor.edition} and say so in `replaces`",
        )


def stale(edition: str) -> RefusedError:
    """The assessment says nothing about the change that would happen."""
    return RefusedError(
        "rulebook.assessment_stale",
        f"the impact assessment of {edition} compares with another edition than the one it would replace",
        f"{edition} 的影响评估所比较的版本已不是它将取代的版本",
        "`haixia rulebook publish` it again: that makes a new assessment",
    )


def require_back_out_makes_sense(connection: Connection, published: Published, reason: str, today: date) -> None:
    """Only what was approved can be backed out, for a reason, and never so that nothing is in force."""
    if published.approved_on is None:
        raise RefusedError(
            "rulebook.not_approved",
            f"{published.edition} was never approved, so there is nothing to back out",
            f"{published.edition} 未经审批，无需撤回",
            "leave it as it is: a proposal has no effect",
        )
    if not reason:
        raise RefusedError(
            "rulebook.no_reason", "a back-out needs a reason", "撤回必须说明理由", "say why with --reason"
        )
    now = store.in_force(connection, today)
    is_now = now is not None and now.content_hash == published.content_hash
    if is_now and store.in_force(connection, today, beside=published.content_hash) is None:
        raise RefusedError(
            "rulebook.last",
            f"without {published.edition} no rulebook edition would be in force",
            f"撤回 {published.edition} 后将没有生效的计分办法",
            "publish and approve a corrected edition under a new name, then back this one out once that is in force",
        )


def require_other_person(published: Published, approver: str) -> None:
    """Two persons stand for an edition."""
    if same_person(approver, published.author):
        raise RefusedError(
            "rulebook.same_person",
            f"{published.author} is the author of {published.edition} and cannot approve it",
            f"{published.author} 是 {published.edition} 的起草人，不能自己审批",
            "have somebody else read and approve it",
        )
