"""Priced offers as rows: ledgers, reasons and means told as JSON, built column by column."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from loan_service.foundation.database import to_json
from models.offers import AMOUNTS, Offers
from models.policy import GRADES
from models.term_reasons import SpeakingAgainst, reason_texts
from models.terms import Ledger

Int = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


def terms_columns(
    offers: Offers, contributions: SpeakingAgainst | None, *, every_grade: bool = True
) -> dict[str, pa.Array]:
    """Every column of an offer that the policy gives, a value per household; amounts are 0 where nothing is offered.

    Args:
        offers: what was offered.
        contributions: what the model says, with words for it; None where it was not asked.
        every_grade: whether the terms with every grade are told; where no grade is looked at, none would ever hold.
    """
    table = offers.table()
    coded = ("decision", "grade", "purpose", "repayment_plan", "risk_band")
    return {
        **{name: table[name].cast(pa.string()).combine_chunks() for name in coded},
        **{name: pa.array(getattr(offers, name), pa.int64()) for name in AMOUNTS},
        "term_months": pa.array(offers.term_months * offers.offered, pa.int64()),
        "terms_ledger": _terms_ledger(offers, offers.offered & every_grade),
        "affordability": _affordability(offers, table["assumptions"].combine_chunks()),
        "reasons": _reasons(offers, contributions),
    }


def prescreen_bodies(rows: pa.Table) -> pa.Array:
    """JSON texts of `bank_adapters.PrescreenList`, one per offer."""
    names = (
        *("offer_id", "household_ref", "limit_fen", "rate_bp", "all_in_annual_cost_bp", "expires_on"),
        *("baseline_limit_fen", "base_rate_bp"),
    )
    lines = zip(*(rows[name].to_pylist() for name in names), strict=True)
    kind = {"kind": "prescreen_list"}
    return pa.array([orjson.dumps(kind | dict(zip(names, line, strict=True))).decode() for line in lines])


def _terms_ledger(offers: Offers, told: Flag) -> pa.Array:
    ledgers = {"limit": _ledger(offers.limit_ledger), "rate": _ledger(offers.rate_ledger)}
    return _object({**ledgers, "by_grade": _by_grade(offers, told)})


def _by_grade(offers: Offers, told: Flag) -> pa.Array:
    """Per household the terms with each grade as a JSON list in the order of GRADES, empty where they are not told."""
    beginnings = pa.array([f'{{"grade":"{grade}"' for grade in GRADES] * int(told.sum()), pa.string())
    amounts = (
        _joined(f',"{one.name}":', _texts(getattr(offers.by_grade, one.name)[told].ravel()))
        for one in fields(offers.by_grade)
    )
    return _lists(told * len(GRADES), _joined(beginnings, *amounts, "}"))


def _ledger(ledger: Ledger) -> pa.Array:
    """Per household a JSON list of {kind, rule, amount}; rows are rare words and one number each."""
    beginnings = [f'{{"kind":"{rule.kind}","rule":"{rule.code}","{ledger.unit}":' for rule in ledger.rules]
    rows = _joined(pa.array(beginnings).take(pa.array(ledger.rule)), pa.array(ledger.amount).cast(pa.string()), "}")
    return _lists(ledger.counts, rows)


def _reasons(offers: Offers, contributions: SpeakingAgainst | None) -> pa.Array:
    """Why there is no offer; of an offer, why its rate is not the lowest."""
    texts, reasons = reason_texts(offers.day.rules, contributions), offers.reasons
    told = [
        to_json({"code": code, "about": about, "zh": texts[code].zh, "en": texts[code].en})
        for about in ("decision", "price")
        for code in reasons.codes
    ]
    used, about_price = reasons.slots >= 0, offers.offered[:, None] * len(reasons.codes)
    return _lists(used.sum(axis=1), pa.array(told, pa.string()).take(pa.array((reasons.slots + about_price)[used])))


def _affordability(offers: Offers, assumptions: pa.ListArray) -> pa.Array:
    counts = np.diff(assumptions.offsets.to_numpy())
    names = _joined('"', assumptions.flatten().cast(pa.string()), '"')
    return _object(
        {
            "largest_line_fen": _texts(offers.affordability_fen),
            "worst_month": _texts(offers.worst_month),
            "left_after_repayment_fen": _texts(offers.left_after_repayment_fen),
            "incentive_gap_bp": _texts(offers.incentive_gap_bp),
            "assumptions": _lists(counts, names),
        }
    )


def _object(members: Mapping[str, pa.Array]) -> pa.Array:
    told = [_joined(f'"{name}":', values) for name, values in members.items()]
    return _joined("{", pc.binary_join_element_wise(*told, ","), "}")


def _lists(counts: Int, items: pa.Array) -> pa.Array:
    """Items in the households' order, so many for each, as JSON lists."""
    offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
    return _joined("[", pc.binary_join(pa.ListArray.from_arrays(offsets, items), ","), "]")


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _texts(numbers: Int) -> pa.Array:
    return pa.array(numbers).cast(pa.string())
