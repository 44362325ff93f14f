"""Terms are the same whether or not anybody wants to know why."""

from collections.abc import Callable
from typing import Any

from loan_service.bank.views.pricing import price
from loan_service.bank.views.replay import remake
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


def test_without_reasons_the_card_is_not_asked_for_them_and_the_terms_are_the_same(
    bank: Wing, offered: Callable[..., None], offer_rows: Callable[[], list[Any]]
) -> None:
    offered({}, {"max_days_past_due_24m": 25, "unsecured_debt_fen": 9_000_000}, {"authorised_income": 0})
    with transaction(bank.engine) as connection:
        remade = remake(connection, offer_rows()[0])
    plain = price(remade.inputs, remade.promotions, remade.edition, remade.day, reasons=False)
    assert plain.contributions is None
    assert plain.default_probability.tolist() == remade.priced.default_probability.tolist()
    terms = [priced.offers.table().drop_columns(["reasons"]) for priced in (plain, remade.priced)]
    assert terms[0].equals(terms[1])
