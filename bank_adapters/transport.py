"""A bank over HTTPS: one connection pool per bank, bounded waiting, and every failure named; retries are the outbox's.

What an answer means for the caller:

    no answer, 408, 425, 429, 5xx   Unreachable        (the work may have been done; the keys make a retry harmless)
    409, 422                        Rejected           (understood and refused as a whole)
    anything else that is not 2xx   ProtocolViolation  (wrong address, credentials, media type, redirect, ...)
    2xx outside the dialect         ProtocolViolation
"""

import ssl
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import httpx

from bank_adapters.errors import BankError, ProtocolViolation, Rejected, Unreachable
from bank_adapters.messages import AnyEvent, Batch, ItemResult
from bank_adapters.port import MAX_POLL_EVENTS, Codec, check_events, check_results
from bank_adapters.registry import codec_of

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_RETRY_LATER: Final = frozenset({408, 425, 429})
_REFUSED: Final = frozenset({409, 422})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for each part of one exchange; `read_seconds` is between two pieces of the answer."""

    connect_seconds: float = 5.0
    write_seconds: float = 15.0
    read_seconds: float = 60.0
    pool_seconds: float = 15.0
    connections: int = 4


class InsecureBankUrl(ValueError):  # noqa: N818 - reads as what it is where it is raised
    """Plain HTTP is for the same machine only."""

    def __init__(self, url: httpx.URL) -> None:
        super().__init__(f"银行地址须为 HTTPS / a bank's address must be HTTPS beyond this machine: {url}")


class HttpBank:
    """A `port.Bank` reached over HTTP; close it, or use it as a context manager."""

    def __init__(self, codec: Codec, client: httpx.Client) -> None:
        """Speak the codec's dialect over a client whose base URL is the bank's; the client becomes ours to close."""
        self._codec = codec
        self._client = client

    @property
    def bank_code(self) -> str:
        """Which bank this is."""
        return self._codec.bank_code

    def send(self, batch: Batch) -> tuple[ItemResult, ...]:
        """Send one batch; one result per item, in the batch's order.

        Raises:
            Unreachable: Send the same batch again later.
            Rejected: The bank refuses the whole call for good.
            ProtocolViolation: A person has to look.
        """
        body = self._exchange(
            self._client.build_request(
                "POST",
                self._codec.send_path,
                content=self._codec.encode_batch(batch),
                headers={"Content-Type": "application/json", "Idempotency-Key": batch.batch_no},
            )
        )
        results = self._codec.decode_results(body)
        check_results(batch, results)
        return results

    def poll(self, after_sequence: int, limit: int = MAX_POLL_EVENTS) -> tuple[AnyEvent, ...]:
        """Read the next events after a sequence, at most `limit`.

        Raises:
            Unreachable: Ask again later.
            Rejected: The bank refuses the call for good.
            ProtocolViolation: A person has to look.
        """
        query = self._codec.encode_poll(after_sequence, limit)
        body = self._exchange(self._client.build_request("GET", self._codec.poll_path, params=query))
        events = self._codec.decode_events(body)
        check_events(self.bank_code, after_sequence, limit, events)
        return events

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _exchange(self, request: httpx.Request) -> bytes:
        try:
            with closing(self._client.send(request, stream=True)) as response:
                body = self._read_bounded(response)
        except httpx.TransportError as failure:
            raise Unreachable(
                self.bank_code,
                zh=f"银行未应答：{type(failure).__name__}",
                en=f"the bank did not answer: {type(failure).__name__}",
            ) from failure
        except httpx.DecodingError as failure:
            raise ProtocolViolation(
                self.bank_code, zh="应答的压缩编码有误", en="the answer's content encoding is broken"
            ) from failure
        if response.is_success:
            return body
        raise self._refusal(response)

    def _read_bounded(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise ProtocolViolation(
                    self.bank_code,
                    zh=f"应答超过{MAX_ANSWER_BYTES}字节",
                    en=f"the answer is longer than {MAX_ANSWER_BYTES} bytes",
                )
        return bytes(body)

    def _refusal(self, response: httpx.Response) -> BankError:
        status = response.status_code
        if status in _RETRY_LATER or response.is_server_error:
            return Unreachable(
                self.bank_code,
                zh=f"银行暂时不可用（HTTP {status}）",
                en=f"the bank is unavailable for now (HTTP {status})",
                retry_after_seconds=_whole_seconds(response.headers.get("Retry-After", "")),
            )
        if status in _REFUSED:
            return Rejected(
                self.bank_code,
                zh=f"银行拒绝整个报文（HTTP {status}）",
                en=f"the bank refuses the whole call (HTTP {status})",
                code=f"http_{status}",
            )
        return ProtocolViolation(
            self.bank_code,
            zh=f"银行不认此次调用（HTTP {status}），请检查地址、凭据与报文",
            en=f"the bank does not take this call (HTTP {status}): check address, credentials and message",
        )


def open_http_bank(
    bank_code: str, base_url: str, *, patience: Patience | None = None, tls: ssl.SSLContext | None = None
) -> HttpBank:
    """Open a bank with a connection pool of its own.

    Args:
        bank_code: A registered bank.
        base_url: Where the codec's paths begin, such as `https://bank.example/haixia`.
        patience: How long to wait.
        tls: Trust and client certificate; None trusts the usual authorities.

    Raises:
        UnknownBank: No codec under this code.
        InsecureBankUrl: Plain HTTP to another machine.
    """
    waiting = patience or Patience()
    url = httpx.URL(base_url)
    if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
        raise InsecureBankUrl(url)
    client = httpx.Client(
        base_url=url,
        verify=True if tls is None else tls,
        timeout=httpx.Timeout(
            connect=waiting.connect_seconds,
            write=waiting.write_seconds,
            read=waiting.read_seconds,
            pool=waiting.pool_seconds,
        ),
        limits=httpx.Limits(max_connections=waiting.connections, max_keepalive_connections=waiting.connections),
        # The environment's proxies and certificates are not the bank's: what we trust is an argument.
        trust_env=False,
    )
    return HttpBank(codec_of(bank_code), client)


def _whole_seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None  # noqa: PLR2004
