"""海岛农商银行·模拟: flat JSON under a core system's upper-case names; fen as integers, days as 2026-06-15."""

from bank_adapters.dialect import Dialect, JsonCodec
from bank_adapters.forms import (
    BASIS_POINTS,
    FEN,
    INTEGER,
    ISO_DAY,
    ISO_MOMENT,
    RAW_LIST,
    TEXT,
    WORD_LIST,
    words,
)
from bank_adapters.layout import Layout, rows
from bank_adapters.messages import Authorisation

_AUTHORISATIONS = rows(
    Authorisation,
    Layout({"kind": ("AUTH_TYPE", TEXT), "text_version": ("TEXT_VER", TEXT), "signed_at": ("SIGN_TIME", ISO_MOMENT)}),
)

CODEC = JsonCodec(
    Dialect(
        bank_code="island_rural",
        send_path="/core/hx/batch",
        poll_path="/core/hx/events",
        poll_names=("LAST_SEQ", "MAX_ROWS"),
        envelope={
            "bank_code": ("BANK_ID", TEXT),
            "batch_no": ("BATCH_NO", TEXT),
            "count": ("TOTAL_ROWS", INTEGER),
            "entries": ("ROWS", RAW_LIST),
        },
        request_word_path="TXN_CODE",
        event_word_path="EVT_CODE",
        words={
            "prescreen_list": "HX1001",
            "application": "HX1002",
            "signing_request": "HX1003",
            "drawdown_request": "HX1004",
            "channel_application": "HX2001",
            "bank_decision": "HX2002",
            "signing_receipt": "HX2003",
            "channel_drawdown_request": "HX2004",
            "drawdown_posted": "HX2005",
            "drawdown_refused": "HX2006",
            "repayment": "HX2007",
            "arrears": "HX2008",
            "closure": "HX2009",
        },
        glossary={
            "key": ("REQ_SEQ", TEXT),
            "status": ("RET_CODE", words({"accepted": "000000", "duplicate": "000001", "rejected": "900000"})),
            "code": ("ERR_CODE", TEXT),
            "message_zh": ("RET_MSG", TEXT),
            "message_en": ("RET_MSG_EN", TEXT),
            "sequence": ("EVT_SEQ", INTEGER),
            "business_date": ("ACCT_DATE", ISO_DAY),
            "message_id": ("MSG_ID", TEXT),
            "offer_id": ("PRE_NO", TEXT),
            "application_id": ("APP_NO", TEXT),
            "signing_id": ("SIGN_NO", TEXT),
            "drawdown_id": ("DRAW_NO", TEXT),
            "channel_reference": ("CHNL_NO", TEXT),
            "bank_reference": ("CORE_NO", TEXT),
            "contract_no": ("CTR_NO", TEXT),
            "loan_note_no": ("NOTE_NO", TEXT),
            "household_ref": ("HH_NO", TEXT),
            "limit_fen": ("CRD_AMT", FEN),
            "requested_limit_fen": ("APP_AMT", FEN),
            "amount_fen": ("DRAW_AMT", FEN),
            "principal_fen": ("PRIN_AMT", FEN),
            "interest_fen": ("INT_AMT", FEN),
            "penalty_fen": ("PEN_AMT", FEN),
            "fee_fen": ("FEE_AMT", FEN),
            "rate_bp": ("RATE_BP", BASIS_POINTS),
            "all_in_annual_cost_bp": ("COST_BP", BASIS_POINTS),
            "term_months": ("TERM_M", INTEGER),
            "days_past_due": ("OVD_DAYS", INTEGER),
            "expires_on": ("EXP_DATE", ISO_DAY),
            "signed_on": ("SIGN_DATE", ISO_DAY),
            "starts_on": ("BGN_DATE", ISO_DAY),
            "matures_on": ("END_DATE", ISO_DAY),
            "purpose": ("USE_CODE", TEXT),
            "authorisations": ("AUTH_LIST", _AUTHORISATIONS),
            "template_id": ("TPL_ID", TEXT),
            "terms_hash": ("TERMS_HASH", TEXT),
            "document_hash": ("DOC_HASH", TEXT),
            "decision": ("RESULT", words({"approve": "A", "counter": "C", "decline": "D", "refer": "R"})),
            "reason_codes": ("REASONS", WORD_LIST),
            "reason_code": ("REASON", TEXT),
        },
        exceptions={
            "bank_decision": {"limit_fen": ("APPR_AMT", FEN)},
            "signing_request": {"limit_fen": ("CTR_AMT", FEN)},
        },
    )
)
