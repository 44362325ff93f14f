"""Every bank's dialect against its golden files, against random messages, and against broken bytes."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bank_adapters import (
    BEIJING,
    CODECS,
    AnyEvent,
    AnyRequest,
    Application,
    Arrears,
    Authorisation,
    BankDecision,
    Batch,
    ChannelApplication,
    ChannelDrawdownRequest,
    Closure,
    Codec,
    DrawdownPosted,
    DrawdownRefused,
    DrawdownRequest,
    ItemResult,
    PrescreenList,
    ProtocolViolation,
    Repayment,
    SigningReceipt,
    SigningRequest,
    UnknownBank,
    codec_of,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "bank_adapters"
every_bank = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())

references = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", fullmatch=True)
texts = st.text(st.sampled_from("户主HH0123-_/|.海"), min_size=1, max_size=64)
codes = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
amounts = st.integers(1, 10**12)
amounts_or_nothing = st.integers(0, 10**12)
rates = st.integers(0, 10_000)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(BEIJING))  # noqa: DTZ001
consents = st.lists(
    st.builds(Authorisation, kind=codes, text_version=texts, signed_at=moments), min_size=1, max_size=3
).map(tuple)
requests: st.SearchStrategy[AnyRequest] = st.one_of(
    st.builds(
        PrescreenList,
        offer_id=references,
        household_ref=texts,
        limit_fen=amounts,
        rate_bp=rates,
        all_in_annual_cost_bp=rates,
        expires_on=days,
        baseline_limit_fen=st.none() | amounts,
        base_rate_bp=st.none() | rates,
    ),
    st.builds(
        Application,
        application_id=references,
        offer_id=references,
        household_ref=texts,
        requested_limit_fen=amounts,
        purpose=texts,
        authorisations=consents,
        channel_reference=st.none() | references,
        takes_bonus=st.booleans(),
    ),
    st.builds(
        SigningRequest,
        signing_id=references,
        application_id=references,
        household_ref=texts,
        limit_fen=amounts,
        rate_bp=rates,
        term_months=st.integers(1, 120),
        template_id=references,
        terms_hash=digests,
    ),
    st.builds(
        DrawdownRequest,
        drawdown_id=references,
        contract_no=references,
        amount_fen=amounts,
        channel_reference=st.none() | references,
    ),
)
results = st.builds(
    ItemResult, key=digests.map(lambda text: text[:32]), status=st.sampled_from(["accepted", "duplicate"])
)
rejections = st.builds(
    ItemResult,
    key=digests.map(lambda text: text[:32]),
    status=st.just("rejected"),
    code=codes,
    message_zh=texts,
    message_en=texts,
)


@st.composite
def events(draw: st.DrawFn, bank_code: str) -> AnyEvent:
    head = {
        "sequence": draw(st.integers(1, 2**63 - 1)),
        "bank_code": bank_code,
        "business_date": draw(days),
        "message_id": draw(digests)[:32],
    }
    contract_no, amount_fen = draw(references), draw(amounts)
    decision = draw(st.sampled_from(["approve", "counter", "decline", "refer"]))
    signed_on = draw(days)
    return draw(
        st.sampled_from(
            [
                ChannelApplication(
                    **head,
                    channel_reference=contract_no,
                    offer_id=draw(references),
                    household_ref=draw(texts),
                    requested_limit_fen=amount_fen,
                    purpose=draw(texts),
                    authorisations=draw(consents),
                ),
                BankDecision(
                    **head,
                    application_id=contract_no,
                    decision=decision,
                    limit_fen=amount_fen if decision in {"approve", "counter"} else 0,
                    reason_codes=tuple(draw(st.lists(codes, min_size=1, max_size=4))) if decision == "decline" else (),
                ),
                SigningReceipt(
                    **head,
                    signing_id=draw(references),
                    contract_no=contract_no,
                    document_hash=draw(digests),
                    signed_on=signed_on,
                    starts_on=signed_on,
                    matures_on=signed_on + timedelta(days=draw(st.integers(1, 4000))),
                ),
                ChannelDrawdownRequest(
                    **head, channel_reference=draw(references), contract_no=contract_no, amount_fen=amount_fen
                ),
                DrawdownPosted(
                    **head,
                    drawdown_id=draw(st.none() | references),
                    bank_reference=draw(references),
                    contract_no=contract_no,
                    loan_note_no=draw(references),
                    amount_fen=amount_fen,
                ),
                DrawdownRefused(
                    **head,
                    drawdown_id=draw(references),
                    contract_no=contract_no,
                    amount_fen=amount_fen,
                    reason_code=draw(codes),
                ),
                Repayment(
                    **head,
                    contract_no=contract_no,
                    loan_note_no=draw(references),
                    principal_fen=draw(amounts_or_nothing),
                    interest_fen=amount_fen,
                    penalty_fen=draw(amounts_or_nothing),
                    fee_fen=draw(amounts_or_nothing),
                ),
                Arrears(**head, contract_no=contract_no, days_past_due=draw(st.integers(0, 36_500))),
                Closure(**head, contract_no=contract_no, reason_code=draw(codes)),
            ]
        )
    )


def ours(name: str, codec: Codec) -> bytes:
    """The neutral messages behind the golden files, as JSON."""
    entries = json.loads((GOLDEN / "ours" / name).read_bytes())
    if name == "events.json":
        entries = [{**entry, "bank_code": codec.bank_code} for entry in entries]
    return json.dumps(entries).encode()


def our_batch(codec: Codec) -> Batch:
    items = ours("batch.json", codec).decode()
    return Batch.model_validate_json(f'{{"bank_code": "{codec.bank_code}", "items": {items}}}')


def our_results(codec: Codec) -> list[ItemResult]:
    return TypeAdapter(list[ItemResult]).validate_json(ours("results.json", codec))


def our_events(codec: Codec) -> list[AnyEvent]:
    return TypeAdapter(list[AnyEvent]).validate_json(ours("events.json", codec))


def golden(codec: Codec, name: str) -> bytes:
    return (GOLDEN / codec.bank_code / name).read_bytes()


def pretty(body: bytes) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2) + "\n"


@every_bank
def test_golden_bytes_are_what_we_write(codec: Codec) -> None:
    assert pretty(codec.encode_batch(our_batch(codec))) == golden(codec, "batch.json").decode()
    assert pretty(codec.encode_results(our_results(codec))) == golden(codec, "results.json").decode()
    assert pretty(codec.encode_events(our_events(codec))) == golden(codec, "events.json").decode()


@every_bank
def test_golden_bytes_are_what_we_read(codec: Codec) -> None:
    assert codec.decode_batch(golden(codec, "batch.json")) == our_batch(codec)
    assert codec.decode_results(golden(codec, "results.json")) == tuple(our_results(codec))
    assert codec.decode_events(golden(codec, "events.json")) == tuple(our_events(codec))


def test_golden_messages_show_every_kind() -> None:
    codec = codec_of("island_rural")
    assert {item.kind for item in our_batch(codec).items} == {
        "prescreen_list",
        "application",
        "signing_request",
        "drawdown_request",
    }
    assert len({event.kind for event in our_events(codec)}) == 9


@pytest.mark.parametrize(
    ("bank_code", "place", "written"),
    [
        ("island_rural", lambda body: body["ROWS"][0]["CRD_AMT"], 7387905),
        ("island_rural", lambda body: body["ROWS"][0]["EXP_DATE"], "2026-09-13"),
        ("harbour_city", lambda body: body["body"]["list"][0]["creditAmount"], "73879.05"),
        ("harbour_city", lambda body: body["body"]["list"][0]["annualRate"], "4.25"),
        ("harbour_city", lambda body: body["body"]["list"][0]["validUntil"], "20260913"),
        ("coast_village", lambda body: body["messages"][0]["offer"]["credit"], {"currency": "CNY", "minor": 7387905}),
        ("coast_village", lambda body: body["messages"][0]["offer"]["price"]["rate"], "0.0425"),
        ("coast_village", lambda body: body["messages"][0]["offer"]["expires"], "2026/09/13"),
    ],
)
def test_each_bank_gets_amounts_rates_and_days_its_own_way(
    bank_code: str, place: Callable[[object], object], written: object
) -> None:
    codec = codec_of(bank_code)
    assert place(json.loads(codec.encode_batch(our_batch(codec)))) == written


@every_bank
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_batch_survives_the_dialect(codec: Codec, data: st.DataObject) -> None:
    items = data.draw(st.lists(requests, min_size=1, max_size=4))
    batch = Batch(bank_code=codec.bank_code, items=tuple(items))
    assert codec.decode_batch(codec.encode_batch(batch)) == batch


@every_bank
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_results_survive_the_dialect(codec: Codec, data: st.DataObject) -> None:
    said = tuple(data.draw(st.lists(results | rejections, max_size=4)))
    assert codec.decode_results(codec.encode_results(said)) == said


@every_bank
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_event_survives_the_dialect(codec: Codec, data: st.DataObject) -> None:
    said = (data.draw(events(codec.bank_code)),)
    assert codec.decode_events(codec.encode_events(said)) == said


@every_bank
@settings(max_examples=30, deadline=None)
@given(
    junk=st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda value: json.dumps(value).encode())
)
def test_junk_is_a_violation_and_nothing_else(codec: Codec, junk: bytes) -> None:
    for decode in (codec.decode_batch, codec.decode_results, codec.decode_events):
        with pytest.raises(ProtocolViolation):
            decode(junk)


UNTICKED = {"BONUS_FLAG": "0", "useBonus": "N", "with_bonus": False}
"""A box nobody ticked says no, and so does a message from before there was one."""


@every_bank
def test_a_bonus_nobody_chose_is_not_taken_though_the_field_be_missing(codec: Codec) -> None:
    applied = [item.takes_bonus for item in our_batch(codec).items if isinstance(item, Application)]
    assert applied == [True, False]
    body = json.loads(golden(codec, "batch.json"))
    for path in list(_leaves(body)):
        if path[-1] in UNTICKED:
            _walk(body, path[:-1]).pop(path[-1])
    before = codec.decode_batch(json.dumps(body).encode())
    assert [item.takes_bonus for item in before.items if isinstance(item, Application)] == [False, False]


@every_bank
def test_every_single_field_matters(codec: Codec) -> None:
    """Take any one value away from a golden message: it is a violation, or (optional fields) another message."""
    for name, decode in (("batch.json", codec.decode_batch), ("events.json", codec.decode_events)):
        body = json.loads(golden(codec, name))
        whole = decode(golden(codec, name))
        for path in _leaves(body):
            if path[-1] in UNTICKED and _walk(body, path) == UNTICKED[path[-1]]:
                continue
            holder = _walk(body, path[:-1])
            taken = holder.pop(path[-1])
            try:
                assert decode(json.dumps(body).encode()) != whole, path
            except ProtocolViolation:
                pass
            finally:
                holder.insert(path[-1], taken) if isinstance(holder, list) else holder.update({path[-1]: taken})


BREAKAGES = [
    ("island_rural", '"CRD_AMT": 7387905', '"CRD_AMT": 7387905.0', "CRD_AMT"),
    ("island_rural", '"CRD_AMT": 7387905', '"CRD_AMT": "7387905"', "CRD_AMT"),
    ("island_rural", '"CRD_AMT": 7387905', '"CRD_AMT": true', "CRD_AMT"),
    ("island_rural", '"CRD_AMT": 7387905', '"CRD_AMT": 0', "limit_fen"),
    ("island_rural", '"CRD_AMT": 7387905', '"CRD_AMT": 7387905, "CCY": "USD"', "CCY"),
    ("island_rural", '"EXP_DATE": "2026-09-13"', '"EXP_DATE": "2026-9-13"', "EXP_DATE"),
    ("island_rural", '"EXP_DATE": "2026-09-13"', '"EXP_DATE": "2026-02-30"', "EXP_DATE"),
    ("island_rural", '"SIGN_TIME": "2026-06-16T10:00:00+08:00"', '"SIGN_TIME": "2026-06-16T10:00:00"', "SIGN_TIME"),
    ("island_rural", '"TXN_CODE": "HX1001"', '"TXN_CODE": "HX9999"', "TXN_CODE"),
    ("island_rural", '"TOTAL_ROWS": 7', '"TOTAL_ROWS": 8', "message"),
    ("island_rural", '"BANK_ID": "island_rural"', '"BANK_ID": "harbour_city"', "message"),
    ("island_rural", '"DRAW_NO": "DRW-0002"', '"DRAW_NO": "DRW-0003"', "key"),
    ("harbour_city", '"73879.05"', '"73879.5"', "creditAmount"),
    ("harbour_city", '"73879.05"', '"73,879.05"', "creditAmount"),
    ("harbour_city", '"73879.05"', '"-73879.05"', "creditAmount"),
    ("harbour_city", '"73879.05"', '"7.387905e4"', "creditAmount"),
    ("harbour_city", '"73879.05"', '"73879.050"', "creditAmount"),
    ("harbour_city", '"73879.05"', "73879.05", "creditAmount"),
    ("harbour_city", '"73879.05"', '"７3879.05"', "creditAmount"),
    ("harbour_city", '"validUntil": "20260913"', '"validUntil": "2026-09-13"', "validUntil"),
    ("harbour_city", '"signTime": "20260616100000"', '"signTime": "2026061610000"', "signTime"),
    ("harbour_city", '"totalCount": "7"', '"totalCount": "07"', "head.totalCount"),
    ("coast_village", '"currency": "CNY"', '"currency": "USD"', "offer.credit"),
    ("coast_village", '"minor": 7387905', '"major": 73879', "offer.credit"),
    ("coast_village", '"rate": "0.0425"', '"rate": "4.25"', "offer.price.rate"),
    ("coast_village", '"given_at_ms": 1781575200000', '"given_at_ms": 1781575200001', "household.consents"),
    ("coast_village", '"household": {\n        "ref": "HH00017"\n      }', '"household": "HH00017"', "household"),
]


@pytest.mark.parametrize(("bank_code", "right", "wrong", "place"), BREAKAGES)
def test_a_broken_batch_is_a_violation_that_names_its_place(bank_code: str, right: str, wrong: str, place: str) -> None:
    codec = codec_of(bank_code)
    text = golden(codec, "batch.json").decode()
    assert right in text
    with pytest.raises(ProtocolViolation) as violation:
        codec.decode_batch(text.replace(right, wrong, 1).encode())
    assert place in violation.value.place


def test_a_violation_never_repeats_the_value_it_met() -> None:
    codec = codec_of("island_rural")
    body = golden(codec, "batch.json").replace(b'"HH_NO": "HH00017"', b'"HH_NO": "NAME 330305"')
    with pytest.raises(ProtocolViolation) as violation:
        codec.decode_batch(body)
    assert "330305" not in str(violation.value)
    assert violation.value.__cause__ is None


@every_bank
def test_a_poll_survives_the_query(codec: Codec) -> None:
    assert codec.decode_poll(codec.encode_poll(17, 500)) == (17, 500)


@every_bank
@pytest.mark.parametrize("change", [{"more": "1"}, None, "501", "0", "-1", "ten", "１"])
def test_a_poll_beyond_the_agreement_is_a_violation(codec: Codec, change: dict[str, str] | str | None) -> None:
    query = codec.encode_poll(17, 500)
    last = list(query)[-1]
    if isinstance(change, dict):
        query |= change
    elif change is None:
        del query[last]
    else:
        query[last] = change
    with pytest.raises(ProtocolViolation):
        codec.decode_poll(query)


def test_a_bank_nobody_registered_is_named_with_those_known() -> None:
    with pytest.raises(UnknownBank, match=r"moon_bank.*island_rural"):
        codec_of("moon_bank")


def test_a_bank_is_registered_under_its_own_code() -> None:
    assert [codec.bank_code for codec in CODECS.values()] == list(CODECS)


def _leaves(body: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else []
    inner = [leaf for step, value in steps for leaf in _leaves(value, (*path, step))]
    return inner or [path]


def _walk(body: object, path: tuple[object, ...]) -> object:
    for step in path:
        body = body[step]
    return body
