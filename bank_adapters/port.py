"""What a bank is to us: something one can send batches to, poll events from, and whose dialect a codec knows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bank_adapters.errors import ProtocolViolation
from bank_adapters.messages import AnyEvent, Batch, ItemResult

MAX_POLL_EVENTS = 500


class Bank(Protocol):
    """A bank, whatever carries the bytes."""

    @property
    def bank_code(self) -> str:
        """Which bank this is."""
        ...

    def send(self, batch: Batch) -> tuple[ItemResult, ...]:
        """Send one batch; one result per item, in the batch's order.

        Raises:
            Unreachable: Send the same batch again later.
            Rejected: The bank refuses the whole call for good.
            ProtocolViolation: A person has to look.
        """
        ...

    def poll(self, after_sequence: int, limit: int) -> tuple[AnyEvent, ...]:
        """Read the next events of the feed.

        Args:
            after_sequence: The last sequence already read; 0 reads from the start.
            limit: At most so many events, 1 to `MAX_POLL_EVENTS`.

        Raises:
            Unreachable: Ask again later.
            Rejected: The bank refuses the call for good.
            ProtocolViolation: A person has to look.
        """
        ...


class Codec(Protocol):
    """One bank's dialect, pure: both directions, so that the same file serves us, the simulator and the vectors.

    Every decoder raises `ProtocolViolation` on bytes outside the dialect.
    """

    @property
    def bank_code(self) -> str:
        """The bank whose dialect this is."""
        ...

    @property
    def send_path(self) -> str:
        """URL path, below the bank's base URL, that takes batches by POST."""
        ...

    @property
    def poll_path(self) -> str:
        """URL path, below the bank's base URL, that answers event polls by GET."""
        ...

    def encode_batch(self, batch: Batch) -> bytes:
        """Write a batch."""
        ...

    def decode_batch(self, body: bytes) -> Batch:
        """Read a batch (the bank's side)."""
        ...

    def encode_results(self, results: Sequence[ItemResult]) -> bytes:
        """Write item results (the bank's side)."""
        ...

    def decode_results(self, body: bytes) -> tuple[ItemResult, ...]:
        """Read item results."""
        ...

    def encode_events(self, events: Sequence[AnyEvent]) -> bytes:
        """Write one page of events (the bank's side)."""
        ...

    def decode_events(self, body: bytes) -> tuple[AnyEvent, ...]:
        """Read one page of events."""
        ...

    def encode_poll(self, after_sequence: int, limit: int) -> dict[str, str]:
        """Write the query parameters of a poll."""
        ...

    def decode_poll(self, parameters: Mapping[str, str]) -> tuple[int, int]:
        """Read the query parameters of a poll (the bank's side): after_sequence, limit."""
        ...


def check_results(batch: Batch, results: Sequence[ItemResult]) -> None:
    """See that the bank answered exactly what was asked.

    Raises:
        ProtocolViolation: A result is missing, unasked for, or out of order.
    """
    asked = [item.key for item in batch.items]
    if [result.key for result in results] != asked:
        raise ProtocolViolation(
            batch.bank_code,
            zh=f"逐笔结果与请求不符：请求{len(asked)}笔，结果{len(results)}笔",
            en=f"results do not match the {len(asked)} items asked, in order ({len(results)} results)",
        )


def check_events(bank_code: str, after_sequence: int, limit: int, events: Sequence[AnyEvent]) -> None:
    """See that a page of the feed is this bank's, not longer than asked, and continues without a gap.

    A gap is a violation, not a curiosity: the event we never saw may be money.

    Raises:
        ProtocolViolation: The page is not what was asked for.
    """
    expected = range(after_sequence + 1, after_sequence + 1 + len(events))
    continues = all(event.sequence == place for event, place in zip(events, expected, strict=True))
    if len(events) > limit or not continues or any(event.bank_code != bank_code for event in events):
        raise ProtocolViolation(
            bank_code,
            zh=f"事件流页面不合约定：应为本行、自{after_sequence + 1}起连续、至多{limit}条",
            en=f"a page of events must be this bank's, gapless from {after_sequence + 1}, and at most {limit} long",
        )
