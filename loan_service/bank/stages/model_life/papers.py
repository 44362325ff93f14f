"""What people write about a version: impact assessments, findings, and why a finding is closed."""

from datetime import date

from loan_service.bank.stages.model_life.refusals import named
from loan_service.bank.store import model_papers as store
from loan_service.bank.store.model_papers import IMPACT_ASSESSMENT, Finding, Paper
from loan_service.bank.store.rows import stable_key
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing

SEVERITIES = ("low", "medium", "high")


def file_assessment(wing: Wing, stamp: str, reference: str, by: str, dated_on: date) -> Paper:
    """Records that an impact assessment of this number speaks about a version; the same again changes nothing.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: nobody is named, or the paper has no number.
    """
    by, reference = person(by), _told(reference, "the paper's own number", "编号")
    with transaction(wing.engine) as connection:
        card = named(connection, stamp)
        paper = Paper(card.model_name, card.model_version, IMPACT_ASSESSMENT, reference, "", by, dated_on)
        store.append_paper(connection, paper)
    return paper


def raise_finding(
    wing: Wing, stamp: str, severity: str, text: str, owner: str, due_on: date, by: str, today: date
) -> Finding:
    """Keeps what a validator found; the same words about the same version on the same day are one finding.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: the severity is unknown, or text, owner or validator are not named.
    """
    by, owner, text = person(by), person(owner), _told(text, "what was found", "发现内容")
    if severity not in SEVERITIES:
        raise RefusedError(
            "model.severity", f"{severity} is none of {', '.join(SEVERITIES)}", f"级别 {severity} 无效", "choose one"
        )
    with transaction(wing.engine) as connection:
        card = named(connection, stamp)
        finding_id = stable_key("finding", stamp, text, by, today.isoformat())[:12]
        known = _known(store.findings(connection, card.model_name), finding_id)
        finding = Finding(finding_id, card.model_name, card.model_version, severity, text, owner, due_on, by, today)
        if known is None:
            store.append_finding(connection, finding)
    return known or finding


def close_finding(wing: Wing, finding_id: str, by: str, evidence: str, today: date) -> Finding:
    """Closes a finding with evidence; a closed one stays as it was closed.

    Raises:
        NotFoundError: there is no such finding.
        RefusedError: nobody is named, or no evidence is given.
    """
    by, evidence = person(by), _told(evidence, "the evidence", "证据")
    with transaction(wing.engine) as connection:
        known = _known(store.findings(connection), finding_id)
        if known is None:
            raise NotFoundError("model.unknown_finding", f"no finding {finding_id}", f"没有问题 {finding_id}")
        if known.is_open:
            store.append_closing(connection, finding_id, by, today, evidence)
        told = _known(store.findings(connection), finding_id)
    return told or known


def _known(found: list[Finding], finding_id: str) -> Finding | None:
    return next((one for one in found if one.finding_id == finding_id), None)


def _told(text: str, english: str, chinese: str) -> str:
    kept = " ".join(text.split())
    if not kept:
        raise RefusedError("model.untold", f"{english} must be told", f"必须写明{chinese}", "say it")
    return kept
