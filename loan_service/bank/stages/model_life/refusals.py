"""Why a move in a model's life is refused, each with what to do about it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.model_papers import HIGH, findings
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.people import same_person
from models.gates import FAILED, UNDECIDED, GateResult

STAMP_PARTS = 2


def named(connection: Connection, stamp: str) -> ModelCard:
    """The version of that stamp, such as `island_rural.baseline/3`, which must have been developed."""
    name, _, version = stamp.rpartition("/")
    card = ledger.card_of(connection, name, version) if name else None
    if card is None:
        raise NotFoundError(
            "model.unknown",
            f"no model version {stamp}",
            f"没有模型版本 {stamp}",
            "`haixia model list` shows every version; a version is written MODEL/NUMBER",
        )
    return card


def require_state(card: ModelCard, state: str | None, wanted: Sequence[str], act: str) -> None:
    """Only legal moves are made."""
    if state not in wanted:
        raise RefusedError(
            "model.illegal_move",
            f"{card.stamp} is {state}; to be {act} it must be {' or '.join(wanted)}",
            f"{card.stamp} 当前状态为 {state}，不能变为 {act}",
            "developed -> tested -> reviewed -> live -> retired: make the step before first",
        )


def require_other_person(card: ModelCard, reviewer: str) -> None:
    """Two persons stand for a version."""
    if same_person(reviewer, card.authored_by):
        raise RefusedError(
            "model.same_person",
            f"{card.authored_by} is the author of {card.stamp} and cannot review it",
            f"{card.authored_by} 是 {card.stamp} 的开发人，不能自己复核",
            "have somebody else review it",
        )


def require_reason(reason: str) -> str:
    """The reason, which must say something."""
    kept = " ".join(reason.split())
    if not kept:
        raise RefusedError("model.no_reason", "this needs a reason", "必须说明理由", "say why with --reason")
    return kept


def require_lawful_origin(card: ModelCard, *, demo: bool) -> None:
    """What was learned from invented or foreign data never decides about real people."""
    if card.training_data_origin in ("simulated", "foreign") and not demo:
        raise RefusedError(
            "model.foreign_data",
            f"{card.stamp} was trained on {card.training_data_origin} data and can be live in demo mode only",
            f"{card.stamp} 的训练数据来源为 {card.training_data_origin}，只能在演示模式投入使用",
            "train on the bank's own matured loans; until then the expert card decides",
        )


def require_no_high_finding(connection: Connection, card: ModelCard) -> None:
    """An open high finding stands in the way, whenever it was raised."""
    found = findings(connection, card.model_name, card.model_version)
    high = [one.finding_id for one in found if one.is_open and one.severity == HIGH]
    if high:
        raise RefusedError(
            "model.open_finding",
            f"{card.stamp} has open high findings: {', '.join(high)}",
            f"{card.stamp} 有未关闭的高级别问题：{', '.join(high)}",
            "close them with evidence (`haixia model close-finding`), then test again",
        )


def require_passable(card: ModelCard, gates: Iterable[GateResult], accepted: Mapping[str, str]) -> None:
    """A failed gate blocks; an undecided one needs the reviewer's written reason; nothing else is accepted."""
    outcomes = {gate.name: gate.outcome for gate in gates}
    failed = sorted(name for name, outcome in outcomes.items() if outcome == FAILED)
    if failed:
        raise RefusedError(
            "model.gate_failed",
            f"{card.stamp} fails {', '.join(failed)}",
            f"{card.stamp} 未通过门槛：{'、'.join(failed)}",
            "no reviewer can accept a failed gate: develop another version; the champion stays",
        )
    open_ones = {name for name, outcome in outcomes.items() if outcome == UNDECIDED}
    missing = sorted(name for name in open_ones if not accepted.get(name, "").strip())
    if missing:
        raise RefusedError(
            "model.gate_undecided",
            f"{card.stamp}: {', '.join(missing)} undecided, and nobody has accepted that in writing",
            f"{card.stamp}：{'、'.join(missing)} 尚无定论，需复核人书面接受",
            "--accept GATE='why' for each, or test on more data",
        )
    needless = sorted(set(accepted) - open_ones)
    if needless:
        raise RefusedError(
            "model.nothing_to_accept",
            f"{card.stamp}: {', '.join(needless)} is not undecided",
            f"{card.stamp}：{'、'.join(needless)} 并非未定，无需接受",
            "accept only what the test left undecided",
        )


def require_expiry(expires_on: date, today: date, at_most_days: int) -> None:
    """A challenger runs for a limited time, or ends today."""
    if not 0 <= (expires_on - today).days <= at_most_days:
        raise RefusedError(
            "model.shadow_expiry",
            f"{expires_on} is not within {at_most_days} days from today ({today})",
            f"{expires_on} 不在今天（{today}）起 {at_most_days} 天之内",
            "choose a nearer day; a run can be prolonged by naming it again",
        )
