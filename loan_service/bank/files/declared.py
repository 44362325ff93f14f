"""The contracts of a bank's files: its households of the day, what changed in households, and its past loans."""

from typing import Final

from loan_service.bank.files.fields import MOST_FEN, Contract, Field
from models.feature_spec import GRADES, MONTHLY_SHARES, SECTORS
from models.household_changes import KINDS

BUREAU: Final = "authorised_bureau"
INCOME: Final = "authorised_income"


def _number(name: str, highest: int, *, required: bool = False, rests_on: str = "", lowest: int = 0) -> Field:
    return Field(name, "whole", required, lowest, highest, rests_on=rests_on, figure=True)


def _share(name: str, rests_on: str) -> Field:
    return Field(name, "share", required=False, rests_on=rests_on, figure=True)


def _figures(income: str, bureau: str) -> tuple[Field, ...]:
    """The figures both files carry; in the household file some rest on an authorisation flag of the same row."""
    return (
        _number("adults", 40, required=True, lowest=1),
        _number("minors", 40, required=True),
        _number("annual_income_fen", MOST_FEN, rests_on=income),
        _share("income_stability", income),
        *(_share(name, income) for name in MONTHLY_SHARES),
        _number("months_with_bank", 1200),
        _number("deposit_average_12m_fen", MOST_FEN),
        _number("settlement_inflow_12m_fen", MOST_FEN),
        _number("months_inflow_positive_12m", 12),
        _number("unsecured_debt_fen", MOST_FEN, rests_on=bureau),
        _number("other_lenders", 1000, rests_on=bureau),
        _number("max_days_past_due_24m", 36_500),
        _number("bureau_queries_6m", 1000, rests_on=bureau),
        _number("years_in_trade", 100),
        Field("owns_vessel", "flag", figure=True),
        _number("prior_loans", 10_000),
        _number("prior_loans_repaid_on_time", 10_000),
    )


HOUSEHOLDS: Final = Contract(
    kind="households",
    key="household_ref",
    fields=(
        Field("household_ref", "text"),
        Field("household_key", "key"),
        Field("village_code", "text"),
        Field("sector", "level", levels=SECTORS),
        Field("borrower_ref", "text"),
        Field("borrower_birth_on", "day"),
        Field("borrower_sex", "text", required=False),
        Field("borrower_binding_token", "token", required=False),
        Field("spouse_consented", "flag"),
        Field("spouse_binding_token", "token", required=False),
        *_figures(INCOME, BUREAU),
        Field(BUREAU, "flag", figure=True),
        Field(INCOME, "flag", figure=True),
        Field("as_of", "day", is_file_day=True),
    ),
)

HOUSEHOLD_CHANGES: Final = Contract(
    kind="household_changes",
    key="change_no",
    fields=(
        Field("change_no", "text"),
        Field("kind", "level", levels=tuple(KINDS)),
        Field("occurred_on", "day"),
        Field("household_key", "key"),
        Field("other_household_key", "key", required=False),
        Field("member_ref", "text", required=False),
        Field("member_birth_on", "day", required=False),
        Field("corrects_change_no", "text", required=False),
    ),
    kinds=KINDS,
)

PAST_LOANS: Final = Contract(
    kind="past_loans",
    key="loan_ref",
    fields=(
        Field("loan_ref", "text"),
        Field("village_code", "text"),
        Field("drawn_on", "day"),
        Field("matured_on", "day", may_be_ahead=True),
        Field("principal_fen", "whole", lowest=1),
        Field("rate_bp", "whole", highest=10_000),
        Field("purpose", "text"),
        Field("sector", "level", levels=SECTORS),
        *_figures("", ""),
        Field("grade_at_start", "level", levels=GRADES),
        Field("days_past_due_max_12m", "whole", highest=36_500),
        Field("written_off_within_12m", "flag"),
        Field("distressed_restructuring_within_12m", "flag"),
    ),
)
