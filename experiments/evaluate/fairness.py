"""The real test of fair terms: every household's offer beside the truth of who its borrower is.

What it can say: how discount and bonus of groups differ at equal bank risk, also for groups no bank knows of
(seafarers, bedridden elders, sole carers, people without a smartphone), among those who truly had twelve months to earn
a grade; and how true the model's probabilities are within groups, without the noise of outcomes. What it cannot say:
anything about real people. The simulator gives everybody the behaviour somebody wrote down for them.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from experiments.evaluate.joined import enrolled_for
from experiments.evaluate.same_grade import with_grade
from experiments.simulation.config import BANKS
from models.arrays import Booleans, Positions
from models.equal_risk import risk_bins
from models.fairness import GroupingFigures, fairness_of
from models.fairness_groups import Grouping
from models.feature_spec import declared_features
from models.features import make_features
from models.gates import GateResult
from models.household_groups import at_least_months_ago, household_groupings
from models.policy import GRADES
from models.policy_loader import load_policy
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

PROTECTED: Final = ("sex", "age", "one_adult", "newcomer", "situation")
"""What is scanned for proxies; a line of work and a village are no secrets of the features."""

_SITUATIONS: Final = {
    "ordinary": "其他人",
    "bedridden_elder": "卧床老人",
    "seafarer": "远航船员",
    "sole_carer": "独自照护者",
    "no_smartphone": "无智能手机者",
    "newcomer": "新来居民",
}


@dataclass(frozen=True)
class Population:
    """Offers of some households, compared, with the written gate."""

    name: str
    told_zh: str
    told_en: str
    compared: GroupsCompared
    gate: GateResult


@dataclass(frozen=True)
class Kept:
    """What a grade really gave: what a policy promises, caps may take back.

    Attributes:
        grade: A, AA or AAA.
        households: With an offer.
        mean_discount_bp: Their mean discount.
        mean_bonus_points: Their mean bonus, percentage points of the baseline line.
        no_bonus_share: Share of them whose bonus is zero.
    """

    grade: str
    households: int
    mean_discount_bp: float
    mean_bonus_points: float
    no_bonus_share: float


@dataclass(frozen=True)
class FairnessEvaluation:
    """Everything that was compared."""

    kept: tuple[Kept, ...]
    populations: tuple[Population, ...]
    decisions: GroupsCompared
    calibration: dict[str, tuple[GroupingFigures, ...]]
    proxies: tuple[ProxyFinding, ...]

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return {
            "kept": [asdict(one) for one in self.kept],
            "populations": [
                {
                    "name": one.name,
                    "told_zh": one.told_zh,
                    "told_en": one.told_en,
                    "gate": one.gate.to_content(),
                    "compared": one.compared.to_content(),
                }
                for one in self.populations
            ],
            "decisions": self.decisions.to_content(),
            "calibration": {bank: [one.to_content() for one in told] for bank, told in self.calibration.items()},
            "proxies": [one.to_content() for one in self.proxies],
        }


def evaluate_fairness(households: pa.Table, seed: int) -> FairnessEvaluation:
    """Compare groups of `joined.joined_households`."""
    levels = terms_fairness_levels_on(households["as_of"][0].as_py())
    groupings = all_groupings(households, levels)
    bins = _bins(households, levels)
    offered = _texts(households, "decision") == "offer"
    long_enough = offered & enrolled_for(households, levels.enrolled_months)
    held = long_enough & (_texts(households, "borrower_binding_token") != "")
    chosen = {
        "enrolled": ("开通满十二个月的借款人", "borrowers enrolled for twelve months", long_enough),
        "enrolled_consented": ("其中已同意向该行出示凭证的", "of them, those who consented to this bank", held),
        "offered": ("全部有报价的户", "every household with an offer", offered),
    }
    everybody = np.full(len(households), True)
    alike = with_grade(households, GRADES[-1])
    told_alike = (f"若人人都是{GRADES[-1]}（政策本身）", f"were everybody {GRADES[-1]}: the policy itself")
    equally = _population(
        "same_grade", *told_alike, _texts(alike, "decision") == "offer", alike, groupings, bins, levels
    )
    populations = (_population(name, *told, households, groupings, bins, levels) for name, told in chosen.items())
    return FairnessEvaluation(
        kept_promises(households.filter(pa.array(offered)), levels),
        (*populations, equally),
        _compared(decision_measures(households, levels), everybody, households, groupings, bins, levels),
        {code: _calibration(households, groupings, place) for place, code in enumerate(BANKS)},
        _proxies(households, groupings, offered, seed, levels),
    )


def kept_promises(offers: pa.Table, levels: TermsFairnessLevels) -> tuple[Kept, ...]:
    """What each grade gave; grades of fewer households than may be shown are left out."""
    discount, bonus = (one.values for one in terms_measures(offers, levels))
    grades = _texts(offers, "grade")
    rows = {grade: grades == grade for grade in GRADES[1:]}
    return tuple(
        Kept(
            grade,
            int(own.sum()),
            float(discount[own].mean()),
            float(bonus[own].mean()),
            float((bonus[own] == 0).mean()),
        )
        for grade, own in rows.items()
        if own.sum() >= levels.fewest_households
    )


def all_groupings(households: pa.Table, levels: TermsFairnessLevels) -> tuple[Grouping, ...]:
    """The six ways of every comparison, and the borrower's true situation."""
    adults = households["adults"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    lately = ~at_least_months_ago(households, "registered_on", levels.newcomer_months)
    names = tuple(_SITUATIONS)
    places = np.array([names.index(one) for one in households["situation"].to_pylist()], dtype=np.intp)
    situation = Grouping("situation", "处境", "situation", names, tuple(_SITUATIONS.values()), names, places)
    six = household_groupings(
        households,
        one_adult=adults == 1,
        newcomer=lately,
        adults_unknown=np.isnan(adults),
        relation_unknown=households["registered_on"].is_null().to_numpy(),
    )
    return (*six, situation)


def _population(
    name: str,
    told_zh: str,
    told_en: str,
    rows: Booleans,
    households: pa.Table,
    groupings: tuple[Grouping, ...],
    bins: Positions,
    levels: TermsFairnessLevels,
) -> Population:
    measures = terms_measures(households.filter(pa.array(rows)), levels)
    compared = _compared(measures, rows, households, groupings, bins, levels)
    return Population(name, told_zh, told_en, compared, terms_gate(compared))


def _compared(
    measures: tuple[Measure, ...],
    rows: Booleans,
    households: pa.Table,
    groupings: tuple[Grouping, ...],
    bins: Positions,
    levels: TermsFairnessLevels,
) -> GroupsCompared:
    """Values are those of the chosen rows already; everything else is cut to them."""
    villages = _texts(households, "village_code")[rows]
    return compare_groups(measures, [one.only(rows) for one in groupings], bins[rows], villages, levels)


def _bins(households: pa.Table, levels: TermsFairnessLevels) -> Positions:
    """Equal risk at the same bank: banks differ in policy and in what they know."""
    bank, probability = households["bank"].to_numpy(), households["default_probability"].to_numpy()
    bins = np.zeros(len(bank), dtype=np.intp)
    for place in range(len(BANKS)):
        own = bank == place
        bins[own] = place * levels.risk_bins + risk_bins(probability[own], levels.risk_bins)
    return bins


def _calibration(households: pa.Table, groupings: tuple[Grouping, ...], place: int) -> tuple[GroupingFigures, ...]:
    """Predicted against true probabilities within groups at one bank; the truth takes the place of outcomes."""
    own = households["bank"].to_numpy() == place
    edition = load_policy(BANKS[place], households["as_of"][0].as_py())
    bands = edition.policy.bands.on(households["as_of"][0].as_py())
    return fairness_of(
        households["default_probability"].to_numpy()[own],
        households["true_probability"].to_numpy()[own],
        _texts(households, "village_code")[own],
        [one.only(own) for one in groupings if one.name != "village"],
        offered_below=min(band.from_ppm for band in bands if band.outcome != "offer") / 1_000_000,
    )


def _proxies(
    households: pa.Table,
    groupings: tuple[Grouping, ...],
    offered: Booleans,
    seed: int,
    levels: TermsFairnessLevels,
) -> tuple[ProxyFinding, ...]:
    some = households.filter(pa.array(offered))
    terms = offered_terms(some) | {"default_probability": some["default_probability"].to_numpy()}
    features = make_features(some, declared_features("baseline"))
    parted = [one.only(offered) for one in groupings if one.name in PROTECTED]
    return proxy_scan(features, terms, parted, seed=seed, told_from=levels.proxy_auc)


def _texts(households: pa.Table, name: str) -> npt.NDArray[np.str_]:
    return np.asarray(households[name].to_pylist(), dtype=str)
