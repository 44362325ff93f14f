"""What a message may be, before any bank's dialect."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bank_adapters import (
    MAX_BATCH_ITEMS,
    Authorisation,
    BankDecision,
    Batch,
    Closure,
    DrawdownRequest,
    ItemResult,
    ProtocolViolation,
    Repayment,
    SigningReceipt,
    check_events,
    check_results,
    message_id,
)

HEAD = {
    "sequence": 1,
    "bank_code": "island_rural",
    "business_date": datetime(2026, 6, 15, tzinfo=UTC).date(),
    "message_id": "0" * 32,
}


def draw(number: int = 1, amount_fen: int = 100, contract_no: str = "C-1") -> DrawdownRequest:
    return DrawdownRequest(drawdown_id=f"D-{number}", contract_no=contract_no, amount_fen=amount_fen)


def batch_of(*items: DrawdownRequest) -> Batch:
    return Batch(bank_code="island_rural", items=items)


def accepted(item: DrawdownRequest) -> ItemResult:
    return ItemResult(key=item.key, status="accepted")


def closure(sequence: int, bank_code: str = "island_rural") -> Closure:
    return Closure(**{**HEAD, "sequence": sequence, "bank_code": bank_code}, contract_no="C-1", reason_code="matured")


def test_the_key_of_a_request_is_made_of_what_it_is_about_and_not_of_its_body() -> None:
    assert draw(1, 100).key == draw(1, 200, "C-2").key
    assert draw(1).key != draw(2).key


# printf "haixia-message\0drawdown_request\0D-1" | sha256sum | cut -c1-32
def test_a_message_id_keeps_its_value_for_ever() -> None:
    assert message_id("drawdown_request", "D-1") == "9c5ca514122aca627a621d37562c65e6"


def test_parts_of_an_id_do_not_run_together() -> None:
    assert message_id("ab", "c") != message_id("a", "bc")


@pytest.mark.parametrize("size", [0, MAX_BATCH_ITEMS + 1])
def test_a_batch_has_one_to_five_hundred_items(size: int) -> None:
    with pytest.raises(ValidationError):
        batch_of(*[draw(number) for number in range(size)])


def test_a_repeated_batch_has_the_same_number() -> None:
    assert batch_of(draw(1), draw(2)).batch_no == batch_of(draw(1), draw(2)).batch_no
    assert batch_of(draw(1), draw(2)).batch_no != batch_of(draw(2), draw(1)).batch_no


@pytest.mark.parametrize("amount", [1.0, "100", True, 0, -1, 10**12 + 1])
def test_only_a_positive_integer_is_an_amount_to_draw(amount: object) -> None:
    with pytest.raises(ValidationError):
        DrawdownRequest(drawdown_id="D-1", contract_no="C-1", amount_fen=amount)


def test_signing_moments_are_kept_in_beijing_time_to_the_second() -> None:
    signed = Authorisation(
        kind="bureau_query", text_version="1", signed_at=datetime(2026, 6, 15, 2, 30, 1, 999, tzinfo=UTC)
    )
    assert signed.signed_at.isoformat() == "2026-06-15T10:30:01+08:00"


def test_a_signing_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Authorisation(kind="bureau_query", text_version="1", signed_at=datetime(2026, 6, 15, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("decision", "limit_fen", "reason_codes"),
    [("approve", 0, ()), ("counter", 0, ()), ("decline", 1, ("x",)), ("refer", 1, ()), ("decline", 0, ())],
)
def test_limit_and_reasons_fit_the_decision(decision: str, limit_fen: int, reason_codes: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        BankDecision(**HEAD, application_id="A-1", decision=decision, limit_fen=limit_fen, reason_codes=reason_codes)


def test_a_contract_cannot_mature_before_it_starts() -> None:
    day = HEAD["business_date"]
    with pytest.raises(ValidationError, match="in this order"):
        SigningReceipt(
            **HEAD, signing_id="S-1", contract_no="C-1", document_hash="0" * 64, signed_on=day, starts_on=day,
            matures_on=day,
        )  # fmt: skip


def test_a_repayment_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="not a repayment"):
        Repayment(
            **HEAD, contract_no="C-1", loan_note_no="N-1", principal_fen=0, interest_fen=0, penalty_fen=0, fee_fen=0
        )


@pytest.mark.parametrize(("status", "code"), [("rejected", None), ("accepted", "key_reused"), ("duplicate", "x")])
def test_a_code_belongs_to_a_rejection(status: str, code: str | None) -> None:
    with pytest.raises(ValidationError):
        ItemResult(key="0" * 32, status=status, code=code)


def test_an_answer_must_be_to_what_was_asked_in_its_order() -> None:
    first, second = draw(1), draw(2)
    batch = batch_of(first, second)
    check_results(batch, [accepted(first), accepted(second)])
    for wrong in ([accepted(first)], [accepted(second), accepted(first)], [accepted(first), accepted(draw(3))], []):
        with pytest.raises(ProtocolViolation):
            check_results(batch, wrong)


def test_a_page_of_the_feed_continues_without_a_gap() -> None:
    check_events("island_rural", 6, 2, [closure(7), closure(8)])
    check_events("island_rural", 6, 2, [])
    for wrong in ([closure(8)], [closure(7), closure(9)], [closure(8), closure(7)], [closure(7), closure(7)]):
        with pytest.raises(ProtocolViolation):
            check_events("island_rural", 6, 2, wrong)


def test_a_page_of_the_feed_is_the_banks_own_and_no_longer_than_asked() -> None:
    for wrong in ([closure(7, "harbour_city")], [closure(7), closure(8)]):
        with pytest.raises(ProtocolViolation):
            check_events("island_rural", 6, 1, wrong)
