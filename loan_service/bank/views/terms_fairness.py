"""Whether a bank's terms differ between groups at equal risk, from what a bank lawfully knows.

What it can say: discount, bonus and decisions by sex, age, village, line of work, one-adult households and newcomers to
the bank, at equal probability of its own baseline model. What it cannot say: a bank does not know since when somebody
has been enrolled, nor who is enrolled without a grade. The first certificate of a household is no enrolment: among
`certified` everybody holds, or has held, a grade, so a group that never reaches one does not show there; among
`offered` those who never joined stand beside those who did. Whether groups reach grades alike is the district's to say.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from loan_service.bank.store.household_figures import figures_of
from loan_service.bank.store.terms_groups import offered_households
from loan_service.foundation.connection import Connection
from models.arrays import Booleans, Positions
from models.equal_risk import risk_bins
from models.fairness_groups import Grouping
from models.feature_spec import declared_features
from models.features import make_features
from models.gates import GateResult
from models.household_groups import at_least_months_ago, household_groupings
from models.proxy_scan import ProxyFinding, offered_terms, proxy_scan
from models.terms_fairness import (
    GroupsCompared,
    Measure,
    compare_groups,
    decision_measures,
    terms_gate,
    terms_measures,
)
from models.terms_fairness_levels import TermsFairnessLevels, terms_fairness_levels_on

PROTECTED: Final = ("sex", "age", "one_adult")
"""What is scanned for proxies: whether somebody is new at the bank is a feature itself."""
_SEED: Final = 1
"""Of the folds: the same rows give the same figures."""


@dataclass(frozen=True)
class TermsFairness:
    """One bank's terms by group.

    Attributes:
        bank_code: The bank.
        as_of: The day.
        certified: Offers of households whose first certificate here is twelve months old or more.
        certified_gate: The written gate over them.
        offered: Every offer, of participants and others.
        offered_gate: The same over them.
        decisions: Offered, referred, declined, of all households.
        proxies: How well protected attributes can be told from features and terms; empty unless asked for.
    """

    bank_code: str
    as_of: date
    certified: GroupsCompared
    certified_gate: GateResult
    offered: GroupsCompared
    offered_gate: GateResult
    decisions: GroupsCompared
    proxies: tuple[ProxyFinding, ...]


def terms_fairness(connection: Connection, bank_code: str, as_of: date, *, scan: bool = False) -> TermsFairness:
    """Compare a bank's living offers.

    Args:
        connection: an open transaction of the bank wing.
        bank_code: the bank.
        as_of: the day.
        scan: whether to scan for proxies, which takes seconds.
    """
    levels = terms_fairness_levels_on(as_of)
    households = _with_figures(offered_households(connection, bank_code, as_of))
    looked_at = _LookedAt(households, _groupings(households, levels), levels)
    offered = _is(households, "decision", "offer")
    certified = looked_at.terms(
        offered & at_least_months_ago(households, "first_certificate_on", levels.enrolled_months)
    )
    everybody = looked_at.terms(offered)
    return TermsFairness(
        bank_code,
        as_of,
        certified,
        terms_gate(certified),
        everybody,
        terms_gate(everybody, "terms_of_all_offers"),
        looked_at.decisions(),
        looked_at.proxies(offered) if scan else (),
    )


@dataclass(frozen=True, eq=False)
class _LookedAt:
    """The households of a day, parted."""

    households: pa.Table
    groupings: tuple[Grouping, ...]
    levels: TermsFairnessLevels

    def terms(self, rows: Booleans) -> GroupsCompared:
        return self._compared(terms_measures(self.households.filter(pa.array(rows)), self.levels), rows)

    def decisions(self) -> GroupsCompared:
        return self._compared(decision_measures(self.households, self.levels), np.full(len(self.households), True))

    def proxies(self, rows: Booleans) -> tuple[ProxyFinding, ...]:
        some = self.households.filter(pa.array(rows))
        groupings = [one.only(rows) for one in self.groupings if one.name in PROTECTED]
        features = make_features(some, declared_features("baseline"))
        return proxy_scan(features, offered_terms(some), groupings, seed=_SEED, told_from=self.levels.proxy_auc)

    def _compared(self, measures: tuple[Measure, ...], rows: Booleans) -> GroupsCompared:
        bins: Positions = risk_bins(self.households["default_probability"].to_numpy()[rows], self.levels.risk_bins)
        villages = self.households["village_code"].filter(pa.array(rows)).to_pylist()
        return compare_groups(measures, [one.only(rows) for one in self.groupings], bins, villages, self.levels)


def _with_figures(households: pa.Table) -> pa.Table:
    if not len(households):
        return households
    for name, column in zip((figures := figures_of(households["data"])).column_names, figures.columns, strict=True):
        households = households.append_column(name, column)
    return households


def _groupings(households: pa.Table, levels: TermsFairnessLevels) -> tuple[Grouping, ...]:
    if not len(households):
        return ()
    adults, months = (
        households[name].cast(pa.float64()).to_numpy(zero_copy_only=False) for name in ("adults", "months_with_bank")
    )
    return household_groupings(
        households,
        one_adult=adults == 1,
        newcomer=~(months >= levels.newcomer_months),  # unknown months: no account at this bank yet
        adults_unknown=np.isnan(adults),
    )


def _is(households: pa.Table, column: str, word: str) -> Booleans:
    return np.array([one == word for one in households[column].to_pylist()], dtype=np.bool_)
