"""港城商业银行·模拟: head and body in camelCase; yuan and percent as decimal texts, days as 20260615."""

from bank_adapters.dialect import Dialect, JsonCodec
from bank_adapters.forms import (
    COMPACT_DAY,
    COMPACT_MOMENT,
    DIGITS,
    PERCENT,
    RAW_LIST,
    TEXT,
    YUAN,
    flag_words,
    joined,
    words,
)
from bank_adapters.layout import Layout, rows
from bank_adapters.messages import Authorisation

_AUTHORISATIONS = rows(
    Authorisation,
    Layout(
        {
            "kind": ("authType", TEXT),
            "text_version": ("agreementVersion", TEXT),
            "signed_at": ("signTime", COMPACT_MOMENT),
        }
    ),
)

CODEC = JsonCodec(
    Dialect(
        bank_code="harbour_city",
        send_path="/openapi/v2/haixia/requests",
        poll_path="/openapi/v2/haixia/notices",
        poll_names=("lastSeq", "pageSize"),
        envelope={
            "bank_code": ("head.bankNo", TEXT),
            "batch_no": ("head.batchNo", TEXT),
            "count": ("head.totalCount", DIGITS),
            "entries": ("body.list", RAW_LIST),
        },
        request_word_path="serviceId",
        event_word_path="noticeType",
        words={
            "prescreen_list": "whiteListImport",
            "application": "creditApply",
            "signing_request": "contractSign",
            "drawdown_request": "loanDraw",
            "channel_application": "CHANNEL_APPLY",
            "bank_decision": "APPROVAL",
            "signing_receipt": "SIGNED",
            "channel_drawdown_request": "CHANNEL_DRAW",
            "drawdown_posted": "DISBURSED",
            "drawdown_refused": "DRAW_FAILED",
            "repayment": "REPAID",
            "arrears": "OVERDUE",
            "closure": "CLOSED",
        },
        glossary={
            "key": ("requestNo", TEXT),
            "status": ("status", words({"accepted": "SUCCESS", "duplicate": "REPEAT", "rejected": "FAIL"})),
            "code": ("errorCode", TEXT),
            "message_zh": ("errorMsg", TEXT),
            "message_en": ("errorMsgEn", TEXT),
            "sequence": ("noticeSeq", DIGITS),
            "business_date": ("acctDate", COMPACT_DAY),
            "message_id": ("noticeId", TEXT),
            "offer_id": ("offerNo", TEXT),
            "application_id": ("applyNo", TEXT),
            "signing_id": ("signNo", TEXT),
            "drawdown_id": ("drawNo", TEXT),
            "channel_reference": ("channelFlowNo", TEXT),
            "bank_reference": ("coreFlowNo", TEXT),
            "contract_no": ("contractNo", TEXT),
            "loan_note_no": ("iouNo", TEXT),
            "household_ref": ("custGroupNo", TEXT),
            "limit_fen": ("creditAmount", YUAN),
            "baseline_limit_fen": ("baseCreditAmount", YUAN),
            "requested_limit_fen": ("applyAmount", YUAN),
            "amount_fen": ("drawAmount", YUAN),
            "principal_fen": ("principal", YUAN),
            "interest_fen": ("interest", YUAN),
            "penalty_fen": ("penalty", YUAN),
            "fee_fen": ("fee", YUAN),
            "rate_bp": ("annualRate", PERCENT),
            "base_rate_bp": ("baseAnnualRate", PERCENT),
            "all_in_annual_cost_bp": ("totalAnnualCost", PERCENT),
            "term_months": ("termMonths", DIGITS),
            "days_past_due": ("overdueDays", DIGITS),
            "expires_on": ("validUntil", COMPACT_DAY),
            "signed_on": ("signDate", COMPACT_DAY),
            "starts_on": ("startDate", COMPACT_DAY),
            "matures_on": ("endDate", COMPACT_DAY),
            "purpose": ("loanPurpose", TEXT),
            "takes_bonus": ("useBonus", flag_words("Y", "N")),
            "authorisations": ("authorizations", _AUTHORISATIONS),
            "template_id": ("templateNo", TEXT),
            "terms_hash": ("termsDigest", TEXT),
            "document_hash": ("contractDigest", TEXT),
            "decision": (
                "approvalResult",
                words({"approve": "PASS", "counter": "ADJUST", "decline": "REFUSE", "refer": "MANUAL"}),
            ),
            "reason_codes": ("reasonCodes", joined("|")),
            "reason_code": ("reasonCode", TEXT),
        },
        exceptions={
            "bank_decision": {"limit_fen": ("approvalAmount", YUAN)},
            "signing_request": {"limit_fen": ("contractAmount", YUAN)},
        },
    )
)
