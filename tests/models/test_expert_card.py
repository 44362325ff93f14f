"""The expert card: points by hand become the same tables, at the level the bank expects, signed by two persons."""

import re
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np
import pytest
import yaml

from models.expert_card import compile_expert_card, with_bounds, with_central_tendency
from models.expert_card_loader import EXPERT_CARDS, BankExpertCard, content_hash_of, load_expert_card
from models.feature_spec import declared_features
from models.logistic import probability_of
from models.low_default import upper_bounds
from models.measures import area_under_curve
from models.monotone_proof import prove_monotone
from models.samples import Rows
from models.scorecard import Scorecard
from models.training import TrainedModel
from models.training_errors import BrokenExpertCardError

BANKS = ("island_rural", "harbour_city", "coast_village")
Edit = Callable[[dict], None]


@pytest.fixture(scope="session")
def expert() -> BankExpertCard:
    return load_expert_card("island_rural")


@pytest.fixture(scope="session")
def known(baseline: TrainedModel) -> Rows:
    return baseline.sample.rows


@pytest.mark.parametrize("bank_code", BANKS)
def test_every_bank_has_a_signed_card_that_compiles_and_survives_its_file(bank_code: str) -> None:
    card = load_expert_card(bank_code)
    again = Scorecard.from_json(card.scorecard.to_json())
    assert again.to_json() == card.scorecard.to_json()
    assert again.kind == "baseline"
    assert again.names == declared_features("baseline").names
    assert again.feature_spec_hash == declared_features("baseline").content_hash()
    assert again.notes["content_hash"] == card.parameters["content_hash"] == card.card.signing.content_hash


def test_a_household_s_points_can_be_added_by_hand(expert: BankExpertCard, known: Rows) -> None:
    card, values = expert.scorecard, known.values[:200]
    names = declared_features("baseline").names
    total = np.zeros(len(values))
    for feature in expert.card.features:
        column = values[:, names.index(feature.name)]
        for row, value in enumerate(column):
            total[row] += points_of(feature, value)
    factor = log(2.0) / expert.card.points_to_double_odds.value
    np.testing.assert_allclose(card.log_odds(values), -total * factor, atol=1e-9)


def points_of(feature: object, value: float) -> int:
    if np.isnan(value):
        return feature.missing.points  # type: ignore[attr-defined]
    for special in feature.special_codes:  # type: ignore[attr-defined]
        if value == special.code:
            return special.points
    if feature.levels:  # type: ignore[attr-defined]
        return feature.levels[int(value)].points  # type: ignore[attr-defined]
    return next(one.points for one in feature.intervals if one.up_to is None or value <= one.up_to)  # type: ignore[attr-defined]


def test_reasons_add_up_and_directions_are_proven(expert: BankExpertCard, known: Rows) -> None:
    card = expert.scorecard
    parts = card.contributions(known.values)
    np.testing.assert_array_equal(card.intercept + parts.sum(axis=1), card.log_odds_units(known.values))
    proven = {proof.feature for proof in prove_monotone(card)}
    assert {"max_days_past_due_24m", "debt_to_income", "income_stability"} <= proven


@pytest.mark.parametrize("bank_code", BANKS)
def test_a_population_of_the_expected_shares_has_the_bank_s_central_tendency(bank_code: str) -> None:
    edition = load_expert_card(bank_code)
    card, draw = edition.scorecard, np.random.default_rng(1)
    units = np.full(400_000, card.intercept, dtype=np.int64)
    for table in card.features:
        share = table.reference_rows / table.reference_rows.sum()
        units += table.cells[draw.choice(len(share), len(units), p=share)]
    mean = probability_of(card.calibration.of(units / 1e12)).mean()
    assert mean == pytest.approx(edition.card.central_tendency(bank_code), rel=0.01)


def test_reasons_are_told_against_the_average_of_the_expected_population(expert: BankExpertCard) -> None:
    for table in expert.scorecard.features:
        mean = table.cells @ table.reference_rows / table.reference_rows.sum()
        assert abs(mean) <= 1.0, table.name  # one unit of 1e-12 log-odds


def test_the_level_can_be_set_by_the_bank_s_own_households(expert: BankExpertCard, known: Rows) -> None:
    other = with_central_tendency(expert.scorecard, known.values, 0.03)
    assert other.default_probability(known.values).mean() == pytest.approx(0.03, abs=1e-9)
    np.testing.assert_array_equal(other.log_odds_units(known.values), expert.scorecard.log_odds_units(known.values))


def test_what_experts_know_ranks_borrowers_but_a_trained_model_ranks_them_better(
    expert: BankExpertCard, baseline: TrainedModel
) -> None:
    test = baseline.sample.test
    by_hand = area_under_curve(test.labels, expert.scorecard.log_odds(test.values))
    assert 0.6 < by_hand < baseline.metrics.auc.estimate


def test_without_outcomes_the_bounds_promise_nothing(expert: BankExpertCard) -> None:
    nobody = np.empty((0, len(expert.scorecard.names)))
    bounded = with_bounds(expert.scorecard, expert.card, nobody, np.empty(0))
    low, high = bounded.probability_interval(np.full((3, nobody.shape[1]), np.nan))
    assert (low == 0.0).all()
    assert (high == 1.0).all()


def test_bounds_are_most_prudent_per_band_and_never_closer_for_thin_files(expert: BankExpertCard, known: Rows) -> None:
    card, rules = expert.scorecard, expert.card.bounds
    bounded = with_bounds(card, expert.card, known.values, known.labels)
    assert bounded.intervals is not None
    thick, thin = bounded.intervals.thick, bounded.intervals.thin
    assert (thin.low <= thick.low).all()
    assert (thin.high >= thick.high).all()
    is_thick = card.missing_count(known.values) < rules.thin_from_missing
    band = np.searchsorted(thick.thresholds, card.log_odds(known.values[is_thick]))
    obligors = np.bincount(band, minlength=len(thick.high))
    defaults = np.bincount(band, known.labels[is_thick], minlength=len(thick.high)).astype(np.int64)
    wanted = upper_bounds(obligors, defaults, confidence=0.9, correlation=0.05)
    np.testing.assert_array_equal(thick.high, wanted)
    assert Scorecard.from_json(bounded.to_json()).to_json() == bounded.to_json()


def test_few_outcomes_leave_wide_bounds_and_many_narrow_them(expert: BankExpertCard, known: Rows) -> None:
    few = with_bounds(expert.scorecard, expert.card, known.values[:300], known.labels[:300]).intervals
    many = with_bounds(expert.scorecard, expert.card, known.values, known.labels).intervals
    assert few is not None
    assert many is not None
    assert (few.thick.high > many.thick.high).all()


def test_the_card_leads_until_three_hundred_matured_defaults(expert: BankExpertCard) -> None:
    assert expert.card.leads(0)
    assert expert.card.leads(299)
    assert not expert.card.leads(300)


def test_no_grade_no_sex_and_no_village_earn_points(expert: BankExpertCard) -> None:
    assert not {"grade", "borrower_sex", "village_code"} & {one.name for one in expert.card.features}


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """The shipped card with changes, signed again unless said otherwise."""

    def edit(change: Edit, *, signed: bool = True) -> Path:
        content = yaml.safe_load((EXPERT_CARDS / "all_banks.yaml").read_text(encoding="utf-8"))
        change(content)
        if signed:
            content["signing"]["content_hash"] = content_hash_of(content)
        (tmp_path / "all_banks.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return tmp_path

    return edit


def set_points(content: dict, feature: int, interval: int, points: int) -> None:
    content["features"][feature]["intervals"][interval]["points"] = points


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda card: set_points(card, 0, 1, 20), "features.max_days_past_due_24m.intervals"),
        (lambda card: card["features"][0]["missing"].update(points=11), "features.max_days_past_due_24m.missing"),
        (
            lambda card: card["features"][0]["missing"].update(expected_permille=31),
            "features.max_days_past_due_24m.expected_permille",
        ),
        (lambda card: card["features"][0]["intervals"].reverse(), "features.max_days_past_due_24m.intervals"),
        (lambda card: card["features"][1]["special_codes"].clear(), "features.debt_to_income.special_codes"),
        (lambda card: card["features"][-1]["levels"].reverse(), "features.sector.levels"),
        (lambda card: card["features"][0].update(name="grade"), "features.grade"),
        (lambda card: card["features"].append(card["features"][0]), "features.max_days_past_due_24m"),
        (lambda card: card["features"][0].update(origin="somewhere"), "features.0.origin"),
        (lambda card: card["features"][0].update(colour="red"), "features.0.colour"),
        (lambda card: card["signing"].update(reviewed_by=card["signing"]["authored_by"]), "signing.reviewed_by"),
        (lambda card: card["band_ends_ppm"].reverse(), "band_ends_ppm"),
        (lambda card: card["central_tendencies"].pop(0), "central_tendencies"),
    ],
)
def test_an_incoherent_card_is_refused_by_place(edited: Callable[..., Path], change: Edit, place: str) -> None:
    with pytest.raises(BrokenExpertCardError) as caught:
        load_expert_card("island_rural", folder=edited(change))
    assert caught.value.place == place


def test_a_changed_number_needs_new_signatures_and_the_error_says_for_what(edited: Callable[..., Path]) -> None:
    folder = edited(lambda card: set_points(card, 0, 0, 11), signed=False)
    with pytest.raises(BrokenExpertCardError) as caught:
        load_expert_card("island_rural", folder=folder)
    assert caught.value.place == "signing.content_hash"
    told = re.findall(r"[0-9a-f]{64}", str(caught.value))[0]
    text = (folder / "all_banks.yaml").read_text(encoding="utf-8")
    signed = re.sub(r"content_hash: [0-9a-f]{64}", f"content_hash: {told}", text)
    (folder / "all_banks.yaml").write_text(signed, encoding="utf-8")
    assert load_expert_card("island_rural", folder=folder).card.features[0].intervals[0].points == 11


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = (EXPERT_CARDS / "all_banks.yaml").read_text(encoding="utf-8")
    (tmp_path / "all_banks.yaml").write_text(text + 'edition: "2026-07"\n', encoding="utf-8")
    with pytest.raises(BrokenExpertCardError) as caught:
        load_expert_card("island_rural", folder=tmp_path)
    assert "edition" in str(caught.value)


def test_a_bank_s_own_card_is_taken_before_the_one_for_all(edited: Callable[..., Path], expert: BankExpertCard) -> None:
    folder = edited(lambda card: card.update(edition="2026-07"))
    (folder / "all_banks.yaml").rename(folder / "coast_village.yaml")
    assert load_expert_card("coast_village", folder=folder).card.edition == "2026-07"
    with pytest.raises(FileNotFoundError):
        load_expert_card("island_rural", folder=folder)
    assert compile_expert_card(expert.card, "island_rural").content_hash() == expert.scorecard.content_hash()
