"""What simulated households mean to do at a bank: rows of `intentions.jsonl`, one per household."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field, ValidationError

from bank_adapters.messages import Message, PrintableText

_MILLIONTH = Decimal("0.000001")


class IntentionsUnreadable(ValueError):  # noqa: N818 - reads as what it is where it is raised
    """A row of intentions is not as agreed.

    Attributes:
        line: Its number in the file, from 1.
    """

    def __init__(self, line: int, finding: str) -> None:
        super().__init__(f"意向文件第{line}行有误 / intentions, line {line}: {finding}")
        self.line = line


def _to_millionths(share: Decimal) -> Decimal:
    return share.quantize(_MILLIONTH).normalize()


# A decimal, not a float: the same share of the same amount is the same fen on every machine.
Share = Annotated[Decimal, Field(ge=0, le=1), AfterValidator(_to_millionths)]
Days = Annotated[int, Field(ge=0, le=36_500)]


class PlannedDraw(Message):
    """A wish for money, `on_day` days after signing."""

    on_day: Days
    share_of_limit: Share


class PlannedRepayment(Message):
    """A repayment, `on_day` days after the first draw."""

    on_day: Days
    share_of_outstanding: Share


class PlannedArrears(Message):
    """The day count the core reports `on_day` days after the first draw, if anything is outstanding then."""

    on_day: Days
    days_past_due: Days


class Intention(Message):
    """One household's plan at one bank; without the bonus it asks for no more than the baseline limit."""

    household_ref: PrintableText
    applies_on: date
    wants_purpose: PrintableText
    wants_limit_share: Share
    accepts: bool
    signs: bool
    takes_bonus: bool = False
    draws: tuple[PlannedDraw, ...] = ()
    repays: tuple[PlannedRepayment, ...] = ()
    arrears: tuple[PlannedArrears, ...] = ()


Intentions: TypeAlias = Mapping[str, Intention]


def parse_intentions(lines: Iterable[bytes]) -> dict[str, Intention]:
    """Read JSON lines into plans by household; empty lines are skipped.

    Raises:
        IntentionsUnreadable: A row is not as agreed, or a household plans twice.
    """
    plans: dict[str, Intention] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            plan = _parse_row(number, line)
            if plan.household_ref in plans:
                raise IntentionsUnreadable(number, "同一户重复 / the household has a row already")
            plans[plan.household_ref] = plan
    return plans


def part_of(amount_fen: int, share: Decimal) -> int:
    """A share of an amount in fen: all of it, or the whole yuan below."""
    return amount_fen if share == 1 else int(amount_fen * share) // 100 * 100


def _parse_row(number: int, line: bytes) -> Intention:
    try:
        return Intention.model_validate_json(line)
    except ValidationError as finding:
        first = finding.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise IntentionsUnreadable(number, f"{first['msg']} ({place})") from None
