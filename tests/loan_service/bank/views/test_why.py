"""Why an offer is what it is: risk with its parts, household exposure, the stressed year, and the offer made again."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from loan_service import offer_printing
from loan_service.bank.views.why import OfferWhy, offer_why
from loan_service.errors import NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

BANK = "island_rural"
DAY = date(2026, 6, 15)


@pytest.fixture
def why(bank: Wing) -> Callable[..., OfferWhy]:
    def asked(ref: str = "H000000") -> OfferWhy:
        with transaction(bank.engine) as connection:
            return offer_why(connection, BANK, ref, DAY)

    return asked


def printed(told: OfferWhy) -> str:
    file = io.StringIO()
    offer_printing.why(Console(file=file, width=160), told)
    return file.getvalue()


def test_every_month_is_what_comes_in_less_what_goes_out(
    offered: Callable[..., None], why: Callable[..., OfferWhy]
) -> None:
    offered({"unsecured_debt_fen": 2_000_000})
    told = why()
    assert [month.month for month in told.year] == list(range(1, 13))
    for month in told.year:
        assert month.left_fen == month.income_fen - month.living_fen - month.debts_fen - month.due_fen
    assert min(month.due_fen for month in told.year) > 0
    assert told.exposure_fen == 2_000_000


def test_without_an_offer_nothing_falls_due(offered: Callable[..., None], why: Callable[..., OfferWhy]) -> None:
    offered({"max_days_past_due_24m": 45})
    told = why()
    assert told.offer.decision == "decline"
    assert not any(month.due_fen for month in told.year)
    text = printed(told)
    assert "a grade is worth 0 yuan" in text
    assert "两年内最长逾期超过30天" in text


def test_what_speaks_against_stands_first_and_multiplies_the_odds(
    offered: Callable[..., None], why: Callable[..., OfferWhy]
) -> None:
    offered({}, {"max_days_past_due_24m": 25, "unsecured_debt_fen": 9_000_000})
    parts = why("H000001").contributions
    factors = [part.odds_factor for part in parts]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] > 1
    told = [why("H000000"), why("H000001")]
    odds = [one.offer.default_probability / (1 - one.offer.default_probability) for one in told]
    products = [np.prod([part.odds_factor for part in one.contributions]) for one in told]
    assert products[1] / products[0] == pytest.approx(odds[1] / odds[0], rel=0.03)


def test_unknown_exposure_is_said_and_what_is_assumed_too(
    offered: Callable[..., None], why: Callable[..., OfferWhy]
) -> None:
    offered({"authorised_bureau": 0})
    told = why()
    assert told.exposure_fen is None
    text = printed(told)
    assert "未知 / unknown" in text
    assert "a share of income is taken for it" in text


def test_the_print_holds_three_lines_ledgers_stamps_and_the_replay(
    offered: Callable[..., None], why: Callable[..., OfferWhy], offer_rows: Callable[[], list[Any]]
) -> None:
    offered({})
    text, row = printed(why()), offer_rows()[0]
    for said in (
        "不加入 / without joining",
        "今天 / today",
        "再升一级 / next grade: A",
        "用满一整年",
        "Income carries",
    ):
        assert said in text
    assert "exactly the same terms" in text
    for stamp in (row.model_version, row.policy_edition, row.input_hash):
        assert stamp in text.replace("\n", "")


def test_a_household_without_an_offer_is_not_found(offered: Callable[..., None], why: Callable[..., OfferWhy]) -> None:
    offered({})
    with pytest.raises(NotFoundError):
        why("H999999")


def test_the_door_tells_the_whole_of_it(
    offered: Callable[..., None], why: Callable[..., OfferWhy], client: Any
) -> None:
    offered({})
    told = client.get(f"/bank/{BANK}/households/H000000/offer/why").json()
    assert told == why().model_dump(mode="json")
    assert told["replay"]["same_terms"]
    lines = told["offer"]["three_lines"]
    assert lines["without_joining"]["used_fen"] == lines["with_next_grade"]["used_fen"] == told["offer"]["limit_fen"]
    assert [line["grade"] for line in told["offer"]["grade_lines"]] == ["none", "A", "AA", "AAA"]
