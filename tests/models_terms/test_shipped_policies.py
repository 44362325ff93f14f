"""The three banks' policies are sound, identified by content, and of the size the programme published."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.lpr import LprTable
from models.policy import SECTORS
from models.policy_loader import POLICIES, PolicyEdition, load_policy
from models.preapproval import preapprove

BANKS = ("island_rural", "harbour_city", "coast_village")
COUNT = 12_000
NEEDIER = 0.93  # on the simulated district: offers of those who sign over offers of all
ASKED_SHARE = 0.91  # likewise: what signers ask for of what they are offered


@pytest.fixture(scope="module", params=BANKS)
def edition(request: pytest.FixtureRequest, day: date) -> PolicyEdition:
    return load_policy(request.param, day)


def test_a_shipped_policy_passes_its_checks(edition: PolicyEdition) -> None:
    assert edition.policy.title_zh.startswith(("海岛", "港城", "滨海"))
    assert edition.edition_id.startswith(f"{edition.policy.bank_code}/2026-06@")
    assert all(parameter.origin for parameter in edition.policy.parameters().values())


def test_the_lpr_runs_without_a_hole_from_the_first_past_loan_to_a_long_demo(lpr: LprTable) -> None:
    for ordinal in range(date(2021, 6, 1).toordinal(), date(2028, 6, 1).toordinal(), 7):
        assert 200 <= lpr.rate_bp("one_year", date.fromordinal(ordinal)) <= 400


def test_comments_and_layout_do_not_change_an_edition_but_a_number_does(tmp_path: Path, day: date) -> None:
    text = (POLICIES / "island_rural.yaml").read_text(encoding="utf-8")
    versions = [f"# another comment\n{text}", text.replace("value: 90}", "value: 91}")]
    hashes = []
    for number, version in enumerate(versions):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "island_rural.yaml").write_text(version, encoding="utf-8")
        hashes.append(load_policy("island_rural", day, folder=folder, lpr_path=POLICIES / "lpr.yaml").content_hash)
    assert hashes[0] == load_policy("island_rural", day).content_hash
    assert hashes[1] != hashes[0]


def _district() -> tuple[dict[str, object], np.ndarray, np.ndarray]:
    """Households of domain.md section 4: income lognormal 110,000 and 0.6, probability mean 1.5 %."""
    chance = np.random.default_rng(2026)
    wealth = chance.normal(size=COUNT)
    worry = -0.3 * wealth + np.sqrt(1 - 0.3**2) * chance.normal(size=COUNT)
    fishing = np.array([1.2] * 4 + [0.2] * 3 + [0.6] + [1.5] * 4) / 12
    tourism = np.array([0.5, 0.5, 1, 1.3, 1.3, 1, 2, 2, 0.5, 1.3, 0.3, 0.3]) / 12
    even = np.full(12, 1 / 12)
    seasons = np.array([fishing, even, tourism, even, even, even])
    sector = chance.choice(6, COUNT, p=[0.2, 0.12, 0.18, 0.35, 0.1, 0.05])
    unknown = chance.random(COUNT) < 0.2
    debt = np.where(chance.random(COUNT) < 0.5, 0, np.rint(chance.lognormal(np.log(2_500_000), 0.8, COUNT)))
    columns: dict[str, object] = {
        "sector": np.array(SECTORS)[sector],
        "borrower_birth_on": chance.integers(-2_500, 13_000, COUNT).astype(np.int32),
        "adults": 1 + chance.binomial(3, 0.55, COUNT),
        "minors": chance.binomial(2, 0.35, COUNT),
        "annual_income_fen": np.rint(11_000_000 * np.exp(0.6 * wealth)),
        "income_stability": chance.beta(6, 3, COUNT),
        "unsecured_debt_fen": np.where(unknown, np.nan, debt),
        "max_days_past_due_24m": np.zeros(COUNT),
        "other_lenders": chance.poisson(0.8, COUNT),
        "bureau_queries_6m": np.where(unknown, np.nan, chance.poisson(1.5, COUNT)),
        **{f"monthly_income_share_{month + 1:02d}": seasons[sector, month] for month in range(12)},
    }
    grades = chance.choice(["none", "A", "AA", "AAA"], COUNT, p=[0.45, 0.33, 0.16, 0.06])
    return columns, grades, 1 / (1 + np.exp(4.44 - 0.68 * worry))


def test_lines_and_rates_are_of_the_size_the_programme_needs(day: date) -> None:
    """Those who sign are needier than all who get an offer and do not ask for all of it: 73,879 yuan at 4.85 %."""
    columns, grades, probabilities = _district()
    limits, rates = [], []
    for bank in BANKS:
        edition = load_policy(bank, day)
        offers = preapprove(columns, grades, probabilities, edition.policy, edition.lpr, day)
        limits.append(offers.limit_fen[offers.offered])
        rates.append(offers.rate_bp[offers.offered])
    assert np.concatenate(limits).mean() * NEEDIER * ASKED_SHARE == pytest.approx(7_387_900, rel=0.07)
    assert np.concatenate(rates).mean() == pytest.approx(485, abs=12)
