"""The declared numbers of the simulation: one typed reading of `experiments/configs/*.yaml`."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from experiments.simulation.arrays import day

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
SECTORS = ("fishery", "aquaculture", "tourism", "wage", "trade", "other")
BANKS = ("island_rural", "harbour_city", "coast_village")

Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[list[float], Field(min_length=12, max_length=12)]


class Section(BaseModel):
    """A part of the configuration: frozen, and an unknown or missing key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Delivery(Section):
    """What became known up to `until` is delivered on `delivered_on`."""

    until: dt.date
    delivered_on: dt.date


class History(Section):
    """The simulated period and its delivery days."""

    starts_on: dt.date
    demo_day: dt.date
    deliveries: list[Delivery]

    @property
    def first_day(self) -> int:
        """First simulated day, in days since 1970-01-01."""
        return day(self.starts_on)

    @property
    def end_day(self) -> int:
        """The demo day: everything simulated happened before it."""
        return day(self.demo_day)

    @property
    def years(self) -> float:
        """Length of the history in years."""
        return (self.end_day - self.first_day) / 365.25


class Population(Section):
    """Households, persons and how they change."""

    households: int
    size_shares: list[Share]
    townships: int
    villages: int
    village_size_sigma: float
    village_sector_spread: float
    split_share: Share
    marriage_share: Share
    newcomer_share: Share
    death_rate: float
    move_out_rate: float
    guardian_share: Share


class Sector(Section):
    """A household's main source of income and its year."""

    share: Share
    income_factor: float
    stability: Share
    months: Months


class Income(Section):
    """Lognormal yearly gross income of a household."""

    median_yuan: float
    sigma: float


class Archetypes(Section):
    """Shares of the special cases among those who fit their description."""

    bedridden_share: Share
    seafarer_share: Share
    sole_carer_share: Share
    no_smartphone_share: Share
    newcomer_days: int


class SelfDiscipline(Section):
    """Kept agreements, quarter by quarter."""

    share: Share
    keep: Share
    missing: Share
    second_contract: Share


class Compact(Section):
    """Quarterly panels of the village compact."""

    share: Share
    mean_points: float
    missing: Share


class MutualAid(Section):
    """Confirmed months of help."""

    share: Share
    months_per_year: float


class Hygiene(Section):
    """Quarterly courtyard inspections."""

    share: Share
    mean_stars: float
    missing: Share


class NeighborhoodPoints(Section):
    """Quarterly neighbour points and the conversion table's range."""

    share: Share
    median_points: float
    sigma: float
    needed_low: int
    needed_high: int


class Volunteering(Section):
    """Registered volunteers and their logged sessions."""

    share: Share
    sessions_per_year: float
    sigma: float
    hours_median: float
    hours_sigma: float
    first_year_level: Share


class SignIns(Section):
    """Deliberations, patrols and help to the grid."""

    share: Share
    per_year: float
    sigma: float


class Ebike(Section):
    """Violations of e-bike riders."""

    rider_share: Share
    rate: float
    sigma: float
    course_share: Share


class Civility(Section):
    """Deeds and breaches: rates per person and year, shares of participants."""

    shared_variance: Share
    join_despite_absence: Share
    seasonality_of_uptake: float
    self_discipline: SelfDiscipline
    compact: Compact
    mutual_aid: MutualAid
    hygiene: Hygiene
    neighborhood_points: NeighborhoodPoints
    volunteering: Volunteering
    sign_ins: SignIns
    honour_rate: float
    entity_honour_rate: float
    bravery_rate: float
    ebike: Ebike
    ebike_trend: Share
    penalty_rate: float
    serious_share: Share
    entity_penalty_rate: float
    maritime_rate: float
    uncivil_rate: float
    hazard_rate: float
    hazard_person_share: Share
    hazard_platform_share: Share
    hazard_overdue_share: Share
    hazard_trend: Share
    hazard_never_fixed: Share
    commitment_rate: float
    commitment_false_share: Share
    commitment_fulfilled_share: Share
    rings_per_year: float
    ring_size: tuple[int, int]
    ring_defaulter_share: Share
    debtor_rate: float
    debtor_days_median: float
    debtor_restored_share: Share
    false_litigation_rate: float
    carelessness_sigma: float
    revoked_share: Share
    restored_share: Share


class Objections(Section):
    """Appeals against deductions and corrections of records."""

    appeal_share: Share
    upheld_share: Share
    filed_after_days: float
    answer_days: tuple[int, int]
    not_representative_share: Share
    not_the_person_share: Share
    pending: int
    pending_representatives: int
    pending_days: int
    correction_share: Share
    corrected_after_days: float
    corrections_shown: int


class Entities(Section):
    """Units and their legal representatives."""

    count: int
    change_share: Share
    change_lag_median_days: float
    company_share: Share
    overlapping_rows: int
    unregistered_representatives: int


class Enrolment(Section):
    """Who enrols and consents to what."""

    adult_share: Share
    engagement_weight: float
    withdrawn_share: Share
    source_consent_if_active: Share
    source_consent_otherwise: Share
    source_withdrawn_share: Share
    certificate_share: Share
    certificate_engagement_weight: float
    second_bank_share: Share
    certificate_withdrawn_share: Share


class Bank(Section):
    """One simulated bank's clients and past loans."""

    client_share: Share
    past_loans: int
    past_mean_probability: Share
    in_district_share: Share
    margin_bp: int
    months_with_bank: float


class Finances(Section):
    """What households own and owe, and how much of it a bank may know."""

    authorised_income_share: Share
    authorised_bureau_share: Share
    buffer_median_months: float
    buffer_sigma: float
    debtor_share: Share
    debt_ratio_median: float
    debt_ratio_sigma: float
    seasonal_spread: float
    month_noise_shape: float
    vessel_share: Share
    prior_loans: float
    arrears_shares: list[Share]
    queries: float
    inflow_share: Share
    income_growth: float


class Credit(Section):
    """Coefficients of the hidden log-odds of default within twelve months."""

    civility_log_odds_per_10_points: float
    sectors: dict[str, float]
    log_income: float
    stability: float
    log_buffer: float
    debt_ratio: float
    arrears: list[float]
    queries: float
    other_lenders: float
    log_tenure: float
    kept_loans: float
    years_in_trade: float
    vessel: float
    income_debt: float
    seasonal_thin_indebted: float
    seasonal_from: float
    thin_below_months: float
    indebted_from: float
    latent_sigma: float
    shock_rho: Share
    shock_split: tuple[float, float, float]
    fishery_summer: float
    spring: float
    loss_kinds: tuple[float, float, float]
    late_share: Share
    slightly_late_share: Share


class PrimeRate(Section):
    """The one-year loan prime rate in force from a day."""

    start: Annotated[dt.date, Field(alias="from")]
    bp: int


class Loans(Section):
    """Period, amounts and prices of past loans."""

    first_drawn_on: dt.date
    last_drawn_on: dt.date
    line_median_yuan: float
    line_sigma: float
    line_low_yuan: int
    line_high_yuan: int
    demand_months: Months
    lpr_bp: list[PrimeRate]


class Defects(Section):
    """How often the delivered data are wrong, and in which way."""

    duplicate_share: Share
    check_digit_share: Share
    name_share: Share
    late_share: Share
    stranger_share: Share
    future_rows: int
    decimal_comma_rows: int
    banned_rows: int
    small_file_rows: int


class HouseholdChanges(Section):
    """What a bank is told of changes in its households; counts are per bank at full size."""

    months: int
    deaths: int
    move_outs: int
    mergers: int
    wrong_keys: int
    wrong_origins: int
    repeated: int
    late: int


class SimulationConfig(Section):
    """All numbers of the simulated district and its banks."""

    history: History
    population: Population
    sectors: dict[str, Sector]
    income: Income
    archetypes: Archetypes
    civility: Civility
    objections: Objections
    entities: Entities
    enrolment: Enrolment
    banks: dict[str, Bank]
    past_loans_least_share: float = Field(ge=0, le=1)
    finances: Finances
    credit: Credit
    loans: Loans
    defects: Defects
    household_changes: HouseholdChanges


def load_config(path: Path | str = "simulation") -> SimulationConfig:
    """Read the simulation's numbers.

    Args:
        path: A YAML file, or the name of one in `experiments/configs`. A file with `extends: other.yaml` (beside it)
            gives only the numbers that differ: a variant never repeats what it does not change.

    Raises:
        FileNotFoundError: there is no such file.
        pydantic.ValidationError: a key is unknown, missing or out of range.
    """
    return SimulationConfig.model_validate(_content(path if isinstance(path, Path) else CONFIGS / f"{path}.yaml"))


def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    extended = content.pop("extends", None)
    return _merged(_content(path.parent / extended), content) if extended else content


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The base with its changes, section by section; a list is replaced as a whole."""
    nested = {name: _merged(base[name], new) for name, new in changes.items() if isinstance(base.get(name), dict)}
    return base | changes | nested
