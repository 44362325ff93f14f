"""The declared contract of a bank's household file: its columns in order, what each may hold and what it rests on."""

from dataclasses import dataclass
from typing import Final, Literal

from models.feature_spec import MONTHLY_SHARES, SECTORS

Kind = Literal["text", "key", "token", "level", "flag", "whole", "share", "day"]

BUREAU: Final = "authorised_bureau"
INCOME: Final = "authorised_income"

MOST_FEN: Final = 10**12


@dataclass(frozen=True)
class Field:
    """One column.

    Attributes:
        name: The column's name in the header.
        kind: text (no blanks); key and token (32 lower-case hex digits); level (one of `levels`);
            flag (0 or 1); whole (digits, perhaps a minus); share (0 to 1 with a decimal point); day (YYYY-MM-DD).
        required: Whether an empty value is a fault; otherwise it means 'unknown'.
        lowest: Smallest allowed whole number.
        highest: Largest allowed whole number.
        levels: The allowed words of a level.
        rests_on: The flag column without which the value may not be used, and is not kept.
        figure: Whether the value belongs to the figures a price may depend on.
    """

    name: str
    kind: Kind
    required: bool = True
    lowest: int = 0
    highest: int = MOST_FEN
    levels: tuple[str, ...] = ()
    rests_on: str = ""
    figure: bool = False


def _number(name: str, highest: int, *, required: bool = False, rests_on: str = "", lowest: int = 0) -> Field:
    return Field(name, "whole", required, lowest, highest, rests_on=rests_on, figure=True)


def _share(name: str) -> Field:
    return Field(name, "share", required=False, rests_on=INCOME, figure=True)


FIELDS: Final = (
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
    _number("adults", 40, required=True, lowest=1),
    _number("minors", 40, required=True),
    _number("annual_income_fen", MOST_FEN, rests_on=INCOME),
    _share("income_stability"),
    *(_share(name) for name in MONTHLY_SHARES),
    _number("months_with_bank", 1200),
    _number("deposit_average_12m_fen", MOST_FEN),
    _number("settlement_inflow_12m_fen", MOST_FEN),
    _number("months_inflow_positive_12m", 12),
    _number("unsecured_debt_fen", MOST_FEN, rests_on=BUREAU),
    _number("other_lenders", 1000, rests_on=BUREAU),
    _number("max_days_past_due_24m", 36_500),
    _number("bureau_queries_6m", 1000, rests_on=BUREAU),
    _number("years_in_trade", 100),
    Field("owns_vessel", "flag", figure=True),
    _number("prior_loans", 10_000),
    _number("prior_loans_repaid_on_time", 10_000),
    Field(BUREAU, "flag", figure=True),
    Field(INCOME, "flag", figure=True),
    Field("as_of", "day"),
)

HEADER: Final = tuple(field.name for field in FIELDS)
