"""Checks of what takes points: its document, its catalogue item, its severity, its end, and whom it may reach."""

from __future__ import annotations

from collections.abc import Iterator

from scoring.rulebook import EscalatingPoints
from scoring.rulebook_checks.complaint import Complaint, OfRule, deducts


def deduction_names_its_documents(of: OfRule) -> Iterator[Complaint]:
    """No document, no points."""
    if deducts(of.indicator) and not of.rule.document_classes:
        problem = "减分无生效文书 / a deduction without an effective document"
        yield Complaint(("rule",), of.rule.rule, problem, "list document_classes")


def documents_have_legal_effect(of: OfRule) -> Iterator[Complaint]:
    """Only documents of the closed list can ground a deduction."""
    for number, name in enumerate(of.rule.document_classes):
        if deducts(of.indicator) and name not in of.scene.law.kind_of_document:
            problem = "此类文书没有法律效力或不在清单 / no document with legal effect"
            yield Complaint(("document_classes", number), name, problem, "use a class of rulebooks/law.yaml")


def serious_rests_on_weighty_documents(of: OfRule) -> Iterator[Complaint]:
    """What counts for years rests on a ruling, a decision or a determination, not on an order to mend something."""
    for number, name in enumerate(of.rule.document_classes):
        kind = of.scene.law.kind_of_document.get(name)
        if of.rule.severity == "serious" and kind and kind not in of.scene.law.serious_kinds:
            problem = f"{kind} 不足以认定严重 / is no ground for serious"
            yield Complaint(("document_classes", number), name, problem, "lower the severity or name another document")


def deduction_is_in_the_catalogue(of: OfRule) -> Iterator[Complaint]:
    """Nothing outside the catalogue takes points."""
    if deducts(of.indicator) and of.rule.catalogue_item is None:
        problem = "减分未入目录 / a deduction outside the catalogue"
        yield Complaint(("rule",), of.rule.rule, problem, "give catalogue_item")


def deduction_has_a_severity(of: OfRule) -> Iterator[Complaint]:
    """The legal period follows the severity."""
    if deducts(of.indicator) and of.rule.severity is None:
        yield Complaint(("rule",), of.rule.rule, "减分未分轻重 / no severity", "give minor, general or serious")


def validity_is_lawful(of: OfRule) -> Iterator[Complaint]:
    """A deduction is kept at most as long as its severity allows."""
    for period in of.scene.edition.severities:
        if period.severity == of.rule.severity and (of.rule.validity_months or 0) > period.longest_months:
            problem = f"{of.rule.severity} 最长 {period.longest_months} 个月 / longer than its severity allows"
            remedy = f"shorten it to at most {period.longest_months}"
            yield Complaint(("validity_months",), str(of.rule.validity_months), problem, remedy)


def deduction_ends(of: OfRule) -> Iterator[Complaint]:
    """A deduction has months, or something that ends it."""
    if deducts(of.indicator) and of.rule.validity_months is None and not of.rule.ended_by:
        yield Complaint(
            ("validity_months",), "null", "减分永不到期 / the deduction never ends", "give months, or ended_by"
        )


def deduction_stays_with_its_person(of: OfRule) -> Iterator[Complaint]:
    """Nobody answers for a member of the family."""
    if deducts(of.indicator) and of.rule.shared_with_household:
        problem = "减分不得波及家人 / a deduction never reaches the family"
        yield Complaint(("shared_with_household",), "true", problem, "remove it")


def award_carries_no_deduction_fields(of: OfRule) -> Iterator[Complaint]:
    """Severity and catalogue item belong to deductions; on an award they would never be read."""
    for field, value in (("severity", of.rule.severity), ("catalogue_item", of.rule.catalogue_item)):
        if value is not None and not deducts(of.indicator):
            yield Complaint((field,), value, "加分不需要此项 / an award has none", "remove it")


def escalation_ends_within_the_limit(of: OfRule) -> Iterator[Complaint]:
    """Every step of a ladder in time begins, and ends, before nothing negative may be used any more."""
    method = of.rule.method
    if not isinstance(method, EscalatingPoints):
        return
    days = method.grace_days + (method.steps - 1) * method.every_days
    months = days // 31 + (of.rule.validity_months or 0)
    if months >= of.scene.edition.negative_limit_months:
        problem = f"最后一步到第 {days} 天才开始 / the last step is beyond negative_limit_months"
        yield Complaint(("method", "steps"), str(method.steps), problem, "fewer steps, or less time between them")


DEDUCTION_CHECKS = (
    deduction_names_its_documents,
    documents_have_legal_effect,
    serious_rests_on_weighty_documents,
    deduction_is_in_the_catalogue,
    deduction_has_a_severity,
    validity_is_lawful,
    deduction_ends,
    deduction_stays_with_its_person,
    award_carries_no_deduction_fields,
    escalation_ends_within_the_limit,
)
