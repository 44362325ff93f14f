"""滨海村镇银行·模拟: objects nested by subject; amounts with currency, rates as fractions, days as 2026/06/15."""

from bank_adapters.dialect import Dialect, JsonCodec
from bank_adapters.forms import (
    CNY,
    EPOCH_MS,
    FLAG,
    FRACTION,
    INTEGER,
    RAW_LIST,
    SLASHED_DAY,
    TEXT,
    WORD_LIST,
    words,
)
from bank_adapters.layout import Layout, rows
from bank_adapters.messages import Authorisation

_AUTHORISATIONS = rows(
    Authorisation,
    Layout({"kind": ("scope", TEXT), "text_version": ("wording", TEXT), "signed_at": ("given_at_ms", EPOCH_MS)}),
)

CODEC = JsonCodec(
    Dialect(
        bank_code="coast_village",
        send_path="/haixia/inbox",
        poll_path="/haixia/outbox",
        poll_names=("after", "at_most"),
        envelope={
            "bank_code": ("envelope.bank", TEXT),
            "batch_no": ("envelope.id", TEXT),
            "count": ("envelope.messages", INTEGER),
            "entries": ("messages", RAW_LIST),
        },
        request_word_path="about.subject",
        event_word_path="about.subject",
        words={
            "prescreen_list": "prescreen",
            "application": "application",
            "signing_request": "signing",
            "drawdown_request": "drawdown",
            "channel_application": "channel.application",
            "bank_decision": "decision",
            "signing_receipt": "signed",
            "channel_drawdown_request": "channel.drawdown",
            "drawdown_posted": "drawdown.paid",
            "drawdown_refused": "drawdown.refused",
            "repayment": "repayment",
            "arrears": "arrears",
            "closure": "closed",
        },
        glossary={
            "key": ("about.id", TEXT),
            "status": ("outcome.word", words({"accepted": "taken", "duplicate": "seen", "rejected": "refused"})),
            "code": ("outcome.because", TEXT),
            "message_zh": ("outcome.text.zh", TEXT),
            "message_en": ("outcome.text.en", TEXT),
            "sequence": ("about.position", INTEGER),
            "business_date": ("about.booked_on", SLASHED_DAY),
            "message_id": ("about.id", TEXT),
            "offer_id": ("offer.no", TEXT),
            "application_id": ("application.no", TEXT),
            "signing_id": ("signing.no", TEXT),
            "drawdown_id": ("drawdown.no", TEXT),
            "channel_reference": ("channel.ref", TEXT),
            "bank_reference": ("drawdown.booking", TEXT),
            "contract_no": ("contract.no", TEXT),
            "loan_note_no": ("note.no", TEXT),
            "household_ref": ("household.ref", TEXT),
            "limit_fen": ("contract.credit", CNY),
            "baseline_limit_fen": ("offer.without_bonus.credit", CNY),
            "requested_limit_fen": ("application.credit", CNY),
            "amount_fen": ("drawdown.amount", CNY),
            "principal_fen": ("paid.principal", CNY),
            "interest_fen": ("paid.interest", CNY),
            "penalty_fen": ("paid.penalty", CNY),
            "fee_fen": ("paid.fee", CNY),
            "rate_bp": ("contract.price.rate", FRACTION),
            "base_rate_bp": ("offer.without_bonus.rate", FRACTION),
            "all_in_annual_cost_bp": ("offer.price.all_in", FRACTION),
            "term_months": ("contract.months", INTEGER),
            "days_past_due": ("contract.days_past_due", INTEGER),
            "expires_on": ("offer.expires", SLASHED_DAY),
            "signed_on": ("signing.on", SLASHED_DAY),
            "starts_on": ("contract.from", SLASHED_DAY),
            "matures_on": ("contract.until", SLASHED_DAY),
            "purpose": ("application.purpose", TEXT),
            "takes_bonus": ("application.with_bonus", FLAG),
            "authorisations": ("household.consents", _AUTHORISATIONS),
            "template_id": ("signing.template", TEXT),
            "terms_hash": ("signing.terms_sha256", TEXT),
            "document_hash": ("contract.sha256", TEXT),
            "decision": (
                "decision.outcome",
                words(
                    {"approve": "granted", "counter": "granted_less", "decline": "not_granted", "refer": "under_review"}
                ),
            ),
            "reason_codes": ("decision.reasons", WORD_LIST),
            "reason_code": ("drawdown.reason", TEXT),
        },
        exceptions={
            "prescreen_list": {"limit_fen": ("offer.credit", CNY), "rate_bp": ("offer.price.rate", FRACTION)},
            "bank_decision": {"limit_fen": ("decision.credit", CNY)},
            "closure": {"reason_code": ("contract.closed_because", TEXT)},
        },
    )
)
