"""What people did to a version, as facts: change log, sign-offs, the gates they saw, the validator's findings."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from models.dossier.inputs import Papers

SIGNED_STATES: Final = ("developed", "tested", "reviewed", "live")
_MOVE: Final = ("from_state", "state", "moved_by", "moved_on", "reason", "expires_on")
_FINDING: Final = ("finding_id", "severity", "text", "owner", "due_on", "raised_by", "raised_on", "closing")
_CLOSING: Final = ("closed_by", "closed_on", "evidence")


def change_log(papers: Papers) -> list[dict[str, Any]]:
    """Every move of the version, oldest first."""
    return [_chosen(move, _MOVE) for move in papers.moves]


def sign_offs(papers: Papers) -> list[dict[str, Any]]:
    """Who signed each state last; nobody where nobody has."""
    last = {move["state"]: move for move in papers.moves}
    return [
        {"state": state, **_chosen(last.get(state, {}), ("moved_by", "moved_on", "reason"))} for state in SIGNED_STATES
    ]


def gates(papers: Papers) -> list[dict[str, Any]]:
    """The gates of the latest move that shows evidence, each with what a reviewer wrote beside it."""
    shown = [move["evidence"] for move in papers.moves if move.get("evidence")]
    return [{"accepted_because": "", **gate} for gate in _gates_of(shown[-1])] if shown else []


def findings(papers: Papers) -> list[dict[str, Any]]:
    """What the validator wrote; a program cannot."""
    return [
        {
            **_chosen(finding, _FINDING),
            "closing": _chosen(finding["closing"], _CLOSING) if finding.get("closing") else None,
        }
        for finding in papers.findings
    ]


def other_papers(papers: Papers) -> list[dict[str, Any]]:
    """Papers beside this one, such as the impact assessment."""
    return [_chosen(one, ("paper", "reference", "sha256", "authored_by", "dated_on")) for one in papers.papers]


def _gates_of(evidence: Any) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = evidence.get("gates", ()) if isinstance(evidence, Mapping) else evidence
    return found


def _chosen(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row.get(name) for name in names}
