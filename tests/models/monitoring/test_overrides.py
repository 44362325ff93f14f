from dataclasses import replace
from datetime import date

import pytest

from models.monitoring import levels_on
from models.monitoring.overrides import Decided, direction, override_figures, wilson

LEVELS = levels_on(date(2026, 6, 15))
PROCEDURAL = LEVELS.overrides.procedural_reasons
AS_OFFERED = Decided(
    offered="offer",
    offered_fen=10_000_000,
    requested_fen=8_000_000,
    decision="approve",
    decided_fen=8_000_000,
    reason_codes=(),
    by_person=False,
    default_probability=0.012,
)
DECLINED = replace(AS_OFFERED, decision="decline", decided_fen=0, reason_codes=("bank_assessment",))


@pytest.mark.parametrize(
    ("decided", "way"),
    [
        (AS_OFFERED, ""),
        (DECLINED, "declined_though_offered"),
        (replace(DECLINED, reason_codes=("offer_expired",)), ""),
        (replace(DECLINED, offered="decline"), ""),
        (replace(DECLINED, offered="refer"), ""),
        (replace(AS_OFFERED, offered="decline"), "approved_though_declined"),
        (replace(AS_OFFERED, decision="counter", decided_fen=5_000_000), "limit_lowered"),
        (replace(AS_OFFERED, requested_fen=12_000_000, decided_fen=10_000_000, decision="counter"), ""),
        (replace(AS_OFFERED, decided_fen=11_000_000), "limit_raised"),
        (replace(AS_OFFERED, offered="refer", decided_fen=11_000_000), ""),
    ],
)
def test_a_decision_differs_in_one_direction_or_not_at_all(decided: Decided, way: str) -> None:
    assert direction(decided, PROCEDURAL) == way


def test_few_overrides_among_few_decisions_alert_nobody() -> None:
    figures = override_figures([DECLINED, *[AS_OFFERED] * 4], (0.06,), LEVELS)
    assert {figure.severity for figure in figures} == {""}


def test_a_bank_that_often_declines_what_we_offer_is_told_by_direction_and_reason() -> None:
    figures = {one.key: one for one in override_figures([DECLINED] * 150 + [AS_OFFERED] * 350, (0.06,), LEVELS)}
    assert figures["override_share/all"].severity == "medium"
    assert figures["override_direction/declined_though_offered"].severity == "high"
    assert figures["override_direction/limit_raised"].measured == 0.0
    assert figures["override_reason/declined_though_offered/bank_assessment"].detail["count"] == 150


def test_reviews_near_a_cut_off_are_counted_with_what_came_of_them() -> None:
    near = replace(DECLINED, default_probability=0.055, by_person=True)
    figures = override_figures([near, replace(AS_OFFERED, default_probability=0.065), AS_OFFERED], (0.06,), LEVELS)
    seen = next(one for one in figures if one.kind == "near_cut_off")
    assert (seen.rows, seen.measured, seen.detail["overridden_after_review"]) == (2, 0.5, 1)


def test_nothing_decided_gives_no_figure() -> None:
    assert override_figures([], (0.06,), LEVELS) == ()


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(10, 100, 0.95) == pytest.approx((0.05523, 0.17437), abs=1e-5)
