"""The HTTP client against a real server on this machine: answers, refusals, silence and rubbish."""

import gzip
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from bank_adapters import (
    Arrears,
    Batch,
    DrawdownRequest,
    HttpBank,
    InsecureBankUrl,
    ItemResult,
    Patience,
    ProtocolViolation,
    Rejected,
    Unreachable,
    codec_of,
    open_http_bank,
    transport,
)

CODEC = codec_of("harbour_city")
DRAW = DrawdownRequest(drawdown_id="D-1", contract_no="C-1", amount_fen=123)
BATCH = Batch(bank_code="harbour_city", items=(DRAW,))
ACCEPTED = (ItemResult(key=DRAW.key, status="accepted"),)
EVENTS = tuple(
    Arrears(
        sequence=place,
        bank_code="harbour_city",
        business_date=date(2026, 6, 15),
        message_id=f"{place:032x}",
        contract_no="C-1",
        days_past_due=place,
    )
    for place in range(1, 8)
)
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class Counter:
    """A small real bank: answers in its dialect, or as the test says."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | None = None
    breaks_off: bool = False
    stalls: bool = False
    seen: list[tuple[str, str, bytes, dict[bytes, bytes]]] = field(default_factory=list)

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
    ) -> None:
        received = b""
        more = True
        while more:
            message = await receive()
            received += message.get("body", b"")
            more = message.get("more_body", False)
        self.seen.append((scope["method"], scope["path"], received, dict(scope["headers"])))
        if self.stalls:
            await receive()  # nothing more comes until the caller hangs up
            return
        body = self._answer(scope, received) if self.body is None else self.body
        length = len(body) + 10 if self.breaks_off else len(body)
        headers = [(b"content-length", str(length).encode()), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if self.breaks_off:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            raise ConnectionAbortedError
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: dict[str, Any], received: bytes) -> bytes:
        if scope["path"] == CODEC.send_path:
            batch = CODEC.decode_batch(received)
            return CODEC.encode_results([ItemResult(key=item.key, status="accepted") for item in batch.items])
        pairs = (pair.split("=") for pair in scope["query_string"].decode().split("&"))
        after, limit = CODEC.decode_poll(dict(pairs))
        return CODEC.encode_events(EVENTS[after : after + limit])


@pytest.fixture(scope="module")
def served(serve: Callable[[object], AbstractContextManager[str]]) -> Iterator[tuple[Counter, str]]:
    """The small bank and its address."""
    counter = Counter()
    with serve(counter) as url:
        yield counter, url


@pytest.fixture
def counter(served: tuple[Counter, str]) -> Counter:
    """The bank's counter, as if just opened."""
    fresh = Counter()
    vars(served[0]).update(vars(fresh))
    return served[0]


@pytest.fixture
def bank(served: tuple[Counter, str], counter: Counter) -> Iterator[HttpBank]:
    with open_http_bank("harbour_city", served[1], patience=Patience(read_seconds=0.3)) as bank:
        yield bank


def test_a_batch_goes_out_in_the_dialect_and_its_results_come_back(bank: HttpBank, counter: Counter) -> None:
    assert bank.send(BATCH) == ACCEPTED
    method, path, body, headers = counter.seen[0]
    assert (method, path) == ("POST", "/openapi/v2/haixia/requests")
    assert CODEC.decode_batch(body) == BATCH
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"idempotency-key"] == BATCH.batch_no.encode()


def test_the_feed_is_read_page_by_page(bank: HttpBank) -> None:
    assert bank.poll(0, 3) == EVENTS[:3]
    assert bank.poll(3, 500) == EVENTS[3:]
    assert bank.poll(7, 500) == ()


def test_a_base_url_with_a_path_keeps_it(served: tuple[Counter, str], counter: Counter) -> None:
    counter.status, counter.body = 404, b""
    with open_http_bank("harbour_city", served[1] + "/gateway/") as bank, pytest.raises(ProtocolViolation):
        bank.send(BATCH)
    assert counter.seen[0][1] == "/gateway/openapi/v2/haixia/requests"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_bank_that_is_down_for_now_is_unreachable(bank: HttpBank, counter: Counter, status: int) -> None:
    counter.status = status
    with pytest.raises(Unreachable) as failure:
        bank.send(BATCH)
    assert str(status) in failure.value.en
    assert failure.value.retry_after_seconds is None


def test_a_bank_may_say_when_to_come_back(bank: HttpBank, counter: Counter) -> None:
    counter.status, counter.headers = 503, [(b"retry-after", b"120")]
    with pytest.raises(Unreachable) as failure:
        bank.poll(0, 10)
    assert failure.value.retry_after_seconds == 120


@pytest.mark.parametrize("status", [409, 422])
def test_a_call_refused_as_a_whole_is_final(bank: HttpBank, counter: Counter, status: int) -> None:
    counter.status = status
    with pytest.raises(Rejected) as failure:
        bank.send(BATCH)
    assert failure.value.code == f"http_{status}"


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 405, 413, 415])
def test_a_call_the_bank_does_not_take_wants_a_person(bank: HttpBank, counter: Counter, status: int) -> None:
    counter.status, counter.headers = status, [(b"location", b"/elsewhere")]
    with pytest.raises(ProtocolViolation, match=str(status)):
        bank.send(BATCH)
    assert len(counter.seen) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"head": {"bankNo": "harbour_city"}}'])
def test_an_answer_outside_the_dialect_is_a_violation(bank: HttpBank, counter: Counter, body: bytes) -> None:
    counter.body = body
    with pytest.raises(ProtocolViolation):
        bank.send(BATCH)
    with pytest.raises(ProtocolViolation):
        bank.poll(0, 10)


def test_an_answer_to_something_else_is_a_violation(bank: HttpBank, counter: Counter) -> None:
    counter.body = CODEC.encode_results([ItemResult(key="0" * 32, status="accepted")])
    with pytest.raises(ProtocolViolation, match="do not match"):
        bank.send(BATCH)


def test_a_feed_with_a_gap_is_a_violation(bank: HttpBank, counter: Counter) -> None:
    counter.body = CODEC.encode_events(EVENTS[1:])
    with pytest.raises(ProtocolViolation, match="gapless"):
        bank.poll(0, 10)


def test_a_broken_content_encoding_is_a_violation(bank: HttpBank, counter: Counter) -> None:
    counter.headers = [(b"content-encoding", b"gzip")]
    with pytest.raises(ProtocolViolation, match="encoding"):
        bank.send(BATCH)


def test_a_sound_content_encoding_is_read(bank: HttpBank, counter: Counter) -> None:
    counter.body, counter.headers = gzip.compress(CODEC.encode_results(ACCEPTED)), [(b"content-encoding", b"gzip")]
    assert bank.send(BATCH) == ACCEPTED


def test_an_answer_without_end_is_cut_off(bank: HttpBank, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 100_000)
    counter.body, counter.headers = gzip.compress(bytes(100_001)), [(b"content-encoding", b"gzip")]
    with pytest.raises(ProtocolViolation, match="longer than 100000"):
        bank.send(BATCH)


def test_a_line_that_breaks_off_is_unreachable(bank: HttpBank, counter: Counter) -> None:
    counter.breaks_off = True
    with pytest.raises(Unreachable):
        bank.send(BATCH)


def test_a_bank_that_stalls_is_unreachable_and_did_get_the_batch(bank: HttpBank, counter: Counter) -> None:
    counter.stalls = True
    with pytest.raises(Unreachable, match="ReadTimeout"):
        bank.send(BATCH)
    assert CODEC.decode_batch(counter.seen[0][2]) == BATCH


def test_a_port_nobody_listens_on_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with open_http_bank("harbour_city", f"http://127.0.0.1:{port}") as bank, pytest.raises(Unreachable) as failure:
        bank.poll(0, 1)
    assert failure.value.bank_code == "harbour_city"
    assert "未应答" in failure.value.zh


def test_a_bank_beyond_this_machine_is_spoken_to_over_https_only() -> None:
    for url in ("http://bank.example/haixia", "ftp://127.0.0.1/", "bank.example"):
        with pytest.raises(InsecureBankUrl):
            open_http_bank("harbour_city", url)
    open_http_bank("harbour_city", "https://bank.example/haixia").close()


def test_the_environments_proxy_is_not_the_banks(
    served: tuple[Counter, str], counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with open_http_bank("harbour_city", served[1]) as bank:
        assert bank.send(BATCH) == ACCEPTED
    assert len(counter.seen) == 1
