"""The bank's side of the flow: our messages to and from each bank's bytes; a bank is a codec, not a client.

An offer, an application, a signing request or a drawdown leaves the bank wing as a request in a batch (`messages`),
is written in the bank's dialect (`registry`, `banks`), carried (`transport`) and answered item by item; decisions,
signatures, payments and arrears come back as an event feed. Nothing here knows a database or a clock. The simulated
bank has a door of its own (`bank_adapters.simulator`), so that a real deployment never imports it.
"""

from bank_adapters.canonical import NotCanonical, canonical_json
from bank_adapters.contract import ContractTerms, SignedContract, contract_of, terms_of
from bank_adapters.errors import BankError, ProtocolViolation, Rejected, UnknownBank, Unreachable
from bank_adapters.messages import (
    BEIJING,
    MAX_BATCH_ITEMS,
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
    DrawdownPosted,
    DrawdownRefused,
    DrawdownRequest,
    ItemResult,
    PrescreenList,
    Repayment,
    SigningReceipt,
    SigningRequest,
    message_id,
)
from bank_adapters.port import MAX_POLL_EVENTS, Bank, Codec, check_events, check_results
from bank_adapters.registry import CODECS, codec_of
from bank_adapters.transport import HttpBank, InsecureBankUrl, Patience, open_http_bank

__all__ = [
    "BEIJING",
    "CODECS",
    "MAX_BATCH_ITEMS",
    "MAX_POLL_EVENTS",
    "AnyEvent",
    "AnyRequest",
    "Application",
    "Arrears",
    "Authorisation",
    "Bank",
    "BankDecision",
    "BankError",
    "Batch",
    "ChannelApplication",
    "ChannelDrawdownRequest",
    "Closure",
    "Codec",
    "ContractTerms",
    "DrawdownPosted",
    "DrawdownRefused",
    "DrawdownRequest",
    "HttpBank",
    "InsecureBankUrl",
    "ItemResult",
    "NotCanonical",
    "Patience",
    "PrescreenList",
    "ProtocolViolation",
    "Rejected",
    "Repayment",
    "SignedContract",
    "SigningReceipt",
    "SigningRequest",
    "UnknownBank",
    "Unreachable",
    "canonical_json",
    "check_events",
    "check_results",
    "codec_of",
    "contract_of",
    "message_id",
    "open_http_bank",
    "terms_of",
]
