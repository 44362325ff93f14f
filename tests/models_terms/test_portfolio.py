"""Caps hold baselines, budgets hold bonuses, and the one never takes the other's place."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import orjson
from hypothesis import given
from hypothesis import strategies as st

from models.policy import Policy
from models.portfolio import (
    Budget,
    Candidate,
    Cut,
    Grant,
    PortfolioLimits,
    Pot,
    allot,
    baseline_pots,
    gap_cost_fen,
    limits_on,
)

DAY = date(2026, 6, 15)
STEP = 100_000

wholes = st.integers
candidate_lists = st.lists(
    st.builds(
        Candidate,
        candidate_id=st.uuids().map(str),
        decided_on=wholes(0, 5).map(lambda days: DAY + timedelta(days=days)),
        village_code=st.sampled_from(["V001", "V002", "V003"]),
        sector=st.sampled_from(["fishery", "wage"]),
        baseline_fen=wholes(1, 300).map(lambda thousands: thousands * STEP),
        bonus_fen=wholes(0, 100).map(lambda thousands: thousands * STEP) | wholes(0, 10_000_000),
        gap_bp=wholes(0, 60),
    ),
    max_size=25,
    unique_by=lambda one: one.candidate_id,
)
fen = wholes(0, 150_000_000)
scopes = st.sampled_from([("programme", ""), ("village", ""), ("village", "V001"), ("sector", ""), ("sector", "wage")])
room = st.builds(
    PortfolioLimits,
    caps_fen=st.dictionaries(scopes, fen),
    bonus=st.builds(Budget, code=st.just("bonuses"), cap_fen=fen),
    incentive=st.builds(Budget, code=st.just("gaps"), cap_fen=wholes(0, 1_000_000)),
    step_fen=st.just(STEP),
    year=st.just(2026),
)


def one(
    name: str = "a", baseline_fen: int = 1_000_000, bonus_fen: int = 0, gap_bp: int = 0, **changes: str
) -> Candidate:
    where = {"village_code": "V001", "sector": "wage"} | changes
    return Candidate(name, DAY, baseline_fen=baseline_fen, bonus_fen=bonus_fen, gap_bp=gap_bp, **where)


def limits(
    caps: dict[tuple[str, str], int] | None = None, bonus_fen: int = 10**9, gap_fen: int = 10**9
) -> PortfolioLimits:
    return PortfolioLimits(caps or {}, Budget("bonuses", bonus_fen), Budget("gaps", gap_fen), STEP, 2026)


def sums(grants: list[Grant]) -> Counter[Pot]:
    held: Counter[Pot] = Counter()
    for grant in grants:
        for reservation in grant.reservations:
            held[reservation.pot] += reservation.amount_fen
    return held


@given(candidate_lists, room, st.data())
def test_nobodys_baseline_depends_on_anybodys_grade(
    candidates: list[Candidate], limits: PortfolioLimits, data: st.DataObject
) -> None:
    poisoned = [
        replace(each, bonus_fen=data.draw(wholes(0, 10**9)), gap_bp=data.draw(wholes(0, 300))) for each in candidates
    ]
    before, after = allot(candidates, limits, {}), allot(poisoned, limits, {})
    assert [grant.waits_at for grant in before] == [grant.waits_at for grant in after]
    baselines = [{pot: fen for pot, fen in sums(grants).items() if pot.scope not in {"bonus", "incentive"}}
                 for grants in (before, after)]  # fmt: skip
    assert baselines[0] == baselines[1]


@given(candidate_lists, room, st.dictionaries(st.sampled_from([Pot("programme"), Pot("village", "V001")]), fen))
def test_no_sum_ever_passes_its_cap(
    candidates: list[Candidate], limits: PortfolioLimits, held_fen: dict[Pot, int]
) -> None:
    for pot, taken_fen in sums(allot(candidates, limits, held_fen)).items():
        cap_fen = limits.cap_fen(pot)
        assert cap_fen is None or held_fen.get(pot, 0) + taken_fen <= cap_fen


@given(candidate_lists, room)
def test_a_grant_is_never_less_than_the_baseline_nor_more_than_was_decided(
    candidates: list[Candidate], limits: PortfolioLimits
) -> None:
    for grant in allot(candidates, limits, {}):
        wanted = grant.candidate
        if grant.waits_at is None:
            assert wanted.baseline_fen <= grant.limit_fen <= wanted.baseline_fen + wanted.bonus_fen
            assert grant.rate_rise_bp in {0, wanted.gap_bp}
            assert bool(grant.cuts) == (
                grant.limit_fen < wanted.baseline_fen + wanted.bonus_fen or grant.rate_rise_bp > 0
            )
        else:
            assert not grant.reservations


@given(candidate_lists, room, st.randoms(use_true_random=False))
def test_the_order_of_asking_is_that_of_deciding(
    candidates: list[Candidate], limits: PortfolioLimits, chance: object
) -> None:
    mixed = list(candidates)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert allot(mixed, limits, {}) == allot(candidates, limits, {})


@given(candidate_lists, room)
def test_granting_one_by_one_is_granting_together(candidates: list[Candidate], limits: PortfolioLimits) -> None:
    held: Counter[Pot] = Counter()
    singly = []
    for each in sorted(candidates, key=lambda each: (each.decided_on, each.candidate_id)):
        singly += allot([each], limits, held)
        held += sums(singly[-1:])
    assert singly == allot(candidates, limits, {})


def test_whoever_was_decided_first_is_served_first_and_the_other_waits_at_the_named_cap() -> None:
    later = replace(one("a"), decided_on=DAY + timedelta(days=1))
    first, second = allot([later, one("b")], limits({("village", ""): 1_500_000}), {})
    assert (first.candidate.candidate_id, first.limit_fen) == ("b", 1_000_000)
    assert (second.waits_at, second.limit_fen, second.cuts) == ("village_cap_reached", 0, ())


def test_a_smaller_baseline_that_still_fits_is_not_held_up() -> None:
    grants = allot([one("a", 2_000_000), one("b", 1_000_000)], limits({("programme", ""): 1_500_000}), {})
    assert [grant.waits_at for grant in grants] == ["programme_cap_reached", None]


def test_a_villages_own_cap_goes_before_the_cap_of_each_village() -> None:
    caps = {("village", ""): 1_000_000, ("village", "V001"): 500_000}
    here, there = allot([one("a"), one("b", village_code="V002")], limits(caps), {})
    assert (here.waits_at, there.waits_at) == ("village_cap_reached", None)


def test_a_bonus_is_cut_to_whole_thousands_and_then_to_the_baseline() -> None:
    wanted = [one("a", bonus_fen=500_000), one("b", bonus_fen=500_000)]
    first, second = allot(wanted, limits(bonus_fen=350_000), {})
    assert first.cuts == (Cut("bonus_budget_spent", "bonuses", 500_000, 300_000),)
    assert (first.limit_fen, second.limit_fen) == (1_300_000, 1_000_000)
    assert second.cuts == (Cut("bonus_budget_spent", "bonuses", 500_000, 0),)


def test_a_bonus_signed_in_another_year_leaves_this_years_budget_whole() -> None:
    (grant,) = allot([one(bonus_fen=500_000)], limits(bonus_fen=500_000), {Pot("bonus", "bonuses", 2025): 500_000})
    assert grant.bonus_fen == 500_000


def test_a_discount_below_cost_is_taken_back_to_cost_when_its_budget_is_spent() -> None:
    cost_fen = gap_cost_fen(1_000_000, 25)
    assert cost_fen == 2_500
    first, second = allot([one("a", gap_bp=25), one("b", gap_bp=25)], limits(gap_fen=cost_fen), {})
    assert (first.rate_rise_bp, second.rate_rise_bp) == (0, 25)
    assert second.cuts == (Cut("incentive_budget_spent", "gaps", 25, 0),)
    assert second.limit_fen == 1_000_000


def test_a_cut_bonus_costs_less_of_the_incentive_budget() -> None:
    (grant,) = allot([one(bonus_fen=900_000, gap_bp=25)], limits(bonus_fen=0, gap_fen=2_500), {})
    assert (grant.limit_fen, grant.rate_rise_bp) == (1_000_000, 0)


def test_what_is_held_already_counts() -> None:
    caps = {("sector", "wage"): 2_000_000}
    (grant,) = allot([one()], limits(caps), {Pot("sector", "wage"): 1_000_001})
    assert grant.waits_at == "sector_cap_reached"


def test_the_policy_of_the_day_says_what_there_is(plain: Policy) -> None:
    content = orjson.loads(plain.model_dump_json(by_alias=True))
    for name, value in {
        "portfolio_caps": [{"scope": "village", "cap_yuan": 30_000, "origin": "[P]"}],
        "bonus_budget": {"code": "bonuses", "title_zh": "加额", "title_en": "bonuses", "annual_cap_yuan": 7},
    }.items():
        content[name] = {"unit": "table", "origin": "[P]", "periods": [{"from": "2024-01-01", "value": value}]}
    content["incentive_budget"] = None
    found = limits_on(Policy.model_validate_json(orjson.dumps(content)), DAY)
    assert found.cap_fen(Pot("village", "V001")) == 3_000_000
    assert found.cap_fen(Pot("programme")) is None
    assert found.cap_fen(found.bonus_pot) == 700
    assert found.cap_fen(found.incentive_pot) == 0
    assert found.bonus_pot == Pot("bonus", "bonuses", 2026)


def test_a_baseline_counts_in_the_programme_its_village_and_its_sector() -> None:
    (grant,) = allot([one(bonus_fen=500_000, gap_bp=10)], limits(), {})
    taken = {reservation.pot: reservation.amount_fen for reservation in grant.reservations}
    assert taken == dict.fromkeys(baseline_pots("V001", "wage"), 1_000_000) | {
        Pot("bonus", "bonuses", 2026): 500_000,
        Pot("incentive", "gaps"): 1_500,
    }
