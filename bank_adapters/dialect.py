"""A codec made of tables: which word, place and form each of our messages has in a bank's JSON.

A bank whose bytes are JSON needs only a glossary (see `banks/`); one whose bytes are something else writes a codec of
its own against `port.Codec`. Reading is strict: an unknown field may be a currency or a reversal mark, so it is a
violation, never ignored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from bank_adapters.errors import ProtocolViolation
from bank_adapters.forms import TEXT, Malformed
from bank_adapters.layout import Layout, Places
from bank_adapters.messages import EVENTS, REQUESTS, AnyEvent, AnyRequest, Batch, Event, ItemResult, Request
from bank_adapters.port import MAX_POLL_EVENTS

MessageT = TypeVar("MessageT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Everything that makes one bank's JSON different from another's.

    Attributes:
        bank_code: The bank.
        send_path: Path that takes batches.
        poll_path: Path that answers polls.
        poll_names: The bank's query names for after_sequence and limit.
        envelope: Places of `bank_code`, `count`, `entries` and, in batches, `batch_no`.
        request_word_path: Where an item tells its kind.
        event_word_path: Where an event tells its kind.
        words: Per kind of ours, the bank's word for it.
        glossary: Places of our values wherever they occur: the messages' fields, `key`, and those of results.
        exceptions: Per kind, the values that stand elsewhere or are written otherwise than the glossary says.
    """

    bank_code: str
    send_path: str
    poll_path: str
    poll_names: tuple[str, str]
    envelope: Places
    request_word_path: str
    event_word_path: str
    words: Mapping[str, str]
    glossary: Places
    exceptions: Mapping[str, Places]


class Vocabulary:
    """The kinds of message in one list, told apart by a word at a fixed place."""

    def __init__(
        self, models: Sequence[type[Request | Event]], word_path: str, common: Sequence[str], dialect: Dialect
    ) -> None:
        """Prepare the kinds.

        Args:
            models: Our messages of this list.
            word_path: Dotted path of the bank's word for the kind.
            common: Values every kind carries beside the fields of its model.
            dialect: The bank's words and places.
        """
        self._word_path = word_path.split(".")
        self._by_word: dict[str, tuple[type[Request | Event], Layout]] = {}
        self._by_model: dict[type[Request | Event], tuple[str, Layout]] = {}
        for model in models:
            kind = model.model_fields["kind"].default
            word, own = dialect.words[kind], dialect.exceptions.get(kind, {})
            names = [*common, *(name for name in model.model_fields if name not in {"kind", "bank_code"})]
            places = {name: own.get(name) or dialect.glossary[name] for name in names}
            layout = Layout({"word": (word_path, TEXT), **places})
            self._by_word[word], self._by_model[model] = (model, layout), (word, layout)

    def write(self, message: Request | Event, **extra: str) -> dict[str, object]:
        """Write one message; `extra` are values that are no fields of it."""
        word, layout = self._by_model[type(message)]
        return layout.write({**vars(message), **extra, "word": word})

    def read(self, received: object) -> tuple[type[Request | Event], dict[str, Any]]:
        """Find the model of one received object and read its values.

        Raises:
            Malformed: The kind is unknown, or a value is not as agreed.
        """
        word = received
        for step in self._word_path:
            word = word.get(step) if isinstance(word, dict) else None
        known = self._by_word.get(word) if isinstance(word, str) else None
        if known is None:
            raise Malformed(f"one of {', '.join(sorted(self._by_word))}", ".".join(self._word_path))
        model, layout = known
        values = layout.read(received)
        del values["word"]
        return model, values


class JsonCodec:
    """A `port.Codec` that follows a dialect's tables."""

    def __init__(self, dialect: Dialect) -> None:
        self.bank_code = dialect.bank_code
        self.send_path = dialect.send_path
        self.poll_path = dialect.poll_path
        self._poll_names = dialect.poll_names
        self._envelope = Layout(dialect.envelope)
        self._requests = Vocabulary(REQUESTS, dialect.request_word_path, ["key"], dialect)
        self._events = Vocabulary(EVENTS, dialect.event_word_path, [], dialect)
        self._result = Layout({name: dialect.glossary[name] for name in ItemResult.model_fields})

    def encode_batch(self, batch: Batch) -> bytes:
        """Write a batch in the bank's JSON."""
        items = [self._requests.write(item, key=item.key) for item in batch.items]
        return self._dump(items, batch_no=batch.batch_no)

    def decode_batch(self, body: bytes) -> Batch:
        """Read a batch; its keys, number and count must be those its items give.

        Raises:
            ProtocolViolation: The bytes are outside the dialect.
        """
        batch_no, items = self._load(body, self._read_request)
        with self._violations("batch"):
            batch = Batch(bank_code=self.bank_code, items=tuple(items))
            if batch_no != batch.batch_no:
                raise Malformed("the batch number made of the items' keys")
        return batch

    def encode_results(self, results: Sequence[ItemResult]) -> bytes:
        """Write item results in the bank's JSON."""
        return self._dump([self._result.write(vars(result)) for result in results])

    def decode_results(self, body: bytes) -> tuple[ItemResult, ...]:
        """Read item results.

        Raises:
            ProtocolViolation: The bytes are outside the dialect.
        """
        return tuple(self._load(body, lambda received: ItemResult(**self._result.read(received)))[1])

    def encode_events(self, events: Sequence[AnyEvent]) -> bytes:
        """Write one page of events in the bank's JSON."""
        return self._dump([self._events.write(event) for event in events])

    def decode_events(self, body: bytes) -> tuple[AnyEvent, ...]:
        """Read one page of events.

        Raises:
            ProtocolViolation: The bytes are outside the dialect.
        """
        return tuple(self._load(body, self._read_event)[1])

    def encode_poll(self, after_sequence: int, limit: int) -> dict[str, str]:
        """Write the query parameters of a poll under the bank's names."""
        return dict(zip(self._poll_names, (str(after_sequence), str(limit)), strict=True))

    def decode_poll(self, parameters: Mapping[str, str]) -> tuple[int, int]:
        """Read the query parameters of a poll: after_sequence, limit.

        Raises:
            ProtocolViolation: One is missing, unknown or no number in range.
        """
        with self._violations("query"):
            if parameters.keys() != set(self._poll_names):
                raise Malformed(" and ".join(self._poll_names))
            after_sequence, limit = (_small_number(parameters[name]) for name in self._poll_names)
            if not 1 <= limit <= MAX_POLL_EVENTS:
                raise Malformed(f"a limit of 1 to {MAX_POLL_EVENTS}")
        return after_sequence, limit

    def _read_request(self, received: object) -> AnyRequest:
        model, values = self._requests.read(received)
        key = values.pop("key", None)
        request = model(**values)
        if not isinstance(request, Request) or request.key != key:
            raise Malformed("the key made of what the item is about", "key")
        return request  # type: ignore[return-value]  # REQUESTS are the members of AnyRequest

    def _read_event(self, received: object) -> AnyEvent:
        model, values = self._events.read(received)
        values["bank_code"] = self.bank_code
        return model(**values)  # type: ignore[return-value]  # EVENTS are the members of AnyEvent

    def _dump(self, entries: list[dict[str, object]], **head: str) -> bytes:
        envelope = {"bank_code": self.bank_code, "count": len(entries), "entries": entries, **head}
        return orjson.dumps(self._envelope.write(envelope))

    def _load(self, body: bytes, read: Callable[[object], MessageT]) -> tuple[str | None, list[MessageT]]:
        with self._violations("message"):
            head = self._envelope.read(_parse(body))
            entries = head.get("entries")
            if head.get("bank_code") != self.bank_code:
                raise Malformed("this bank's own code in the envelope")
            if entries is None or head.get("count") != len(entries):
                raise Malformed("as many entries as the envelope counts")
        return head.get("batch_no"), [self._read_at(place, read, entry) for place, entry in enumerate(entries)]

    def _read_at(self, place: int, read: Callable[[object], MessageT], entry: object) -> MessageT:
        with self._violations(f"entries[{place}]"):
            return read(entry)

    @contextmanager
    def _violations(self, place: str) -> Iterator[None]:
        try:
            yield
        except Malformed as finding:
            raise self._violation(finding.below(place)) from None
        except ValidationError as finding:
            # Only places and kinds of error: the values may be a household's.
            first = finding.errors(include_input=False, include_url=False, include_context=False)[0]
            inner = ".".join(str(step) for step in first["loc"])
            raise self._violation(Malformed(first["msg"], inner).below(place)) from None

    def _violation(self, finding: Malformed) -> ProtocolViolation:
        return ProtocolViolation(
            self.bank_code,
            zh=f"报文不合约定，应为：{finding.expected}",
            en=f"the message is not as agreed, expected: {finding.expected}",
            place=finding.place,
        )


def _parse(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("JSON in UTF-8") from None


def _small_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - fits 64 bits
        raise Malformed("a number")
    return int(text)
