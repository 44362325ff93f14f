"""Today's flow in lanes: from records to people, through the door, to households and money, each step with its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from loan_service.bank.views.glance import BankGlance
from loan_service.district.views.figures import DistrictFigures

Side = Literal["district", "door", "bank"]


@dataclass(frozen=True)
class Step:
    """One number of a lane.

    Attributes:
        label: text to be translated.
        permille: the bar's length, against the lane's largest step.
    """

    label: str
    value: int
    permille: int


@dataclass(frozen=True)
class Lane:
    """Steps in one unit, one after the other; `unit` is `count`, or `total` for fen."""

    title: str
    side: Side
    unit: Literal["count", "total"]
    steps: tuple[Step, ...]


def lanes(district: DistrictFigures, bank: BankGlance) -> list[Lane]:
    """The five lanes of the flow; what stands in each comes from one wing, only the door's from both."""
    intake, grades = district.intake, {each.grade: each.persons for each in district.grades}
    return [
        _lane(
            "Records",
            "district",
            [
                ("Rows delivered", intake.rows_read),
                ("Landed as source records", intake.rows_landed),
                ("Became events", district.events),
            ],
        ),
        _lane(
            "Residents",
            "district",
            [
                ("Registered", district.registered),
                ("Enrolled by their own consent", district.enrolled),
                ("With a civility index", district.indexed),
                ("Grade A or better", grades["AAA"] + grades["AA"] + grades["A"]),
            ],
        ),
        _lane(
            "Certificates through the door",
            "door",
            [
                ("Living at the district", district.certificates.living),
                ("Delivered to banks so far", district.certificates.crossed),
                ("Held by banks today", bank.certificates),
            ],
        ),
        _lane(
            "Households",
            "bank",
            [
                ("Known to a bank", bank.households),
                ("With a living offer", bank.offered),
                ("Of them with a bonus", bank.with_bonus),
                ("Applied", bank.applied),
                ("Approved by the bank", bank.agreed),
                ("Signed", bank.signed),
                ("Drew money", bank.drew),
            ],
        ),
        _lane(
            "Money",
            "bank",
            [
                ("Offered limits", bank.offered_fen),
                ("Signed limits", bank.signed_fen),
                ("Drawn in all", bank.drawn_fen),
                ("Outstanding today", bank.outstanding_fen),
            ],
            "total",
        ),
    ]


def _lane(title: str, side: Side, steps: Sequence[tuple[str, int]], unit: Literal["count", "total"] = "count") -> Lane:
    longest = max((value for _, value in steps), default=0) or 1
    return Lane(title, side, unit, tuple(Step(label, value, round(1000 * value / longest)) for label, value in steps))
