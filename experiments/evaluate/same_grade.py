"""The same households under the shipped policies as if all of them had the same grade: what a policy itself does."""

import numpy as np
import pyarrow as pa

from experiments.simulation.config import BANKS
from models.offers import Offers
from models.policy import DECISIONS
from models.policy_loader import load_policy
from models.preapproval import preapprove

_TERMS = ("rate_discount_bp", "limit_bonus_fen", "baseline_limit_fen")


def with_grade(households: pa.Table, grade: str) -> pa.Table:
    """The rows of `joined.joined_households` with decision and terms as every bank's policy gives them for a grade.

    Probabilities are those of the service; their intervals are not in its export, so whom it refers for doubt alone is
    offered here.
    """
    bank = households["bank"].to_numpy()
    terms = {name: np.zeros(len(bank), dtype=np.int64) for name in ("decision", *_TERMS)}
    for place in range(len(BANKS)):
        rows = bank == place
        offers = _offers(households.filter(pa.array(rows)), BANKS[place], grade)
        for name, values in terms.items():
            values[rows] = getattr(offers, name)
    told = {**terms, "decision": np.asarray(DECISIONS)[terms["decision"]], "grade": np.full(len(bank), grade)}
    for name, values in told.items():
        households = households.set_column(households.column_names.index(name), name, pa.array(values))
    return households


def _offers(households: pa.Table, bank_code: str, grade: str) -> Offers:
    day = households["as_of"][0].as_py()
    edition = load_policy(bank_code, day)
    probability = households["default_probability"].to_numpy()
    grades = [grade] * len(households)
    return preapprove(households, grades, probability, edition.policy, edition.lpr, day)
