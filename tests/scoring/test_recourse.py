"""Plans to the next grade: exact, of least effort, only what the catalogue and the person's own words allow."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import HistoryFrames, PersonWithoutIndexError, Rulebook, RulebookValueError, date_of, day_number, evaluate
from scoring.recourse import UnknownGradeError, UnknownStepError, steps_to
from scoring.recourse_actions import Choice, doing, mending
from scoring.recourse_answer import Plan, Recourse
from scoring.recourse_frames import Action, Copies, own_frames, with_actions
from scoring.recourse_loader import STEPS, load_steps, read_steps
from scoring.recourse_search import Search
from scoring.recourse_steps import Doing, Steps

DAY = dt.date(2026, 6, 15)
ALL = 10**9
EVERYTHING = tuple(load_steps().kinds)

Ask = Callable[..., Recourse]


@pytest.fixture
def ask(rulebook: Rulebook) -> Ask:
    def answer(history: Any, *can_do: str, target: str | None = None, person: int = 1, day: dt.date = DAY) -> Recourse:
        return steps_to(rulebook, history.frames(), person, day, ALL, can_do, target)

    return answer


def kinds(plan: Plan) -> list[tuple[str, int]]:
    return [(step.kind, step.count) for step in plan.steps]


def clean_quarters(history: Any, count: int) -> Any:
    for number in range(count):
        quarter = 4 * 2026 - number - 4
        history.event("clean_quarter", dt.date(quarter // 4, 3 * (quarter % 4) + 1, 28))
    return history


# --- what a plan says -------------------------------------------------------------------------------------------------
def test_kept_agreements_and_the_compact_bring_a_citizen_from_the_base_to_the_next_grade(
    citizen: Any, ask: Ask
) -> None:
    answer = ask(citizen, "contract_keeping", "village_compact")
    assert (answer.grade, answer.target, answer.missing_milli) == ("A", "AA", 20_000)
    (plan,) = answer.plans
    assert (plan.on, plan.index_milli, plan.grade, plan.waiting_milli) == (dt.date(2027, 3, 31), 120_000, "AA", 100_000)
    assert [(step.kind, step.count, step.points_milli, step.first_on, step.last_on) for step in plan.steps] == [
        ("contract_keeping", 4, 16_000, dt.date(2026, 6, 30), dt.date(2027, 3, 31)),
        ("village_compact", 2, 4_000, dt.date(2026, 6, 30), dt.date(2026, 9, 30)),
    ]
    assert plan.steps[0].sentence.zh == "按时履行约定，满4个季度。"
    assert plan.effort_milli == 4 * 2_000 + 2 * 6_000


def test_later_plans_take_less_effort_or_begin_when_the_one_before_no_longer_holds(citizen: Any, ask: Ask) -> None:
    citizen.event("volunteering", dt.date(2025, 10, 1), quantity_milli=8_000)
    for plans in (ask(citizen, *EVERYTHING).plans, ask(citizen, "volunteering", "contract_keeping", target="AA").plans):
        assert plans
        for earlier, later in itertools.pairwise(plans):
            gone = earlier.holds_until is not None and earlier.holds_until <= later.on
            assert earlier.on < later.on
            assert later.effort_milli < earlier.effort_milli or gone


def test_a_plan_that_holds_for_some_weeks_says_until_when(citizen: Any, ask: Ask) -> None:
    citizen.event("bravery", dt.date(2026, 1, 1), level="district").event("clean_quarter", dt.date(2026, 3, 31))
    citizen.event("mutual_aid", dt.date(2025, 7, 20)).event("mutual_aid", dt.date(2026, 5, 1))
    citizen.event("compact_review", dt.date(2025, 7, 20), quantity_milli=2_000)
    citizen.event("hygiene_inspection", dt.date(2025, 7, 20), quantity_milli=2_000)
    # 120 today but for an hour; on 20 July five points go.
    citizen.event("uncivil_conduct", dt.date(2026, 6, 1))
    first, *later = ask(citizen, "volunteering").plans
    assert (first.on, kinds(first), first.index_milli) == (dt.date(2026, 6, 29), [("volunteering", 2)], 120_600)
    assert first.holds_until == dt.date(2026, 7, 20)
    assert later
    assert all(plan.on >= first.holds_until or plan.effort_milli < first.effort_milli for plan in later)
    assert later[0].on > first.holds_until


def test_a_plan_names_the_first_day_on_which_it_holds(citizen: Any, ask: Ask) -> None:
    citizen.event("bravery", dt.date(2026, 1, 1), level="district").event("bravery", DAY, level="district")
    citizen.event("uncivil_conduct", DAY)
    (plan, *_) = ask(citizen, "volunteering").plans
    # 119 and a point missing: eight hours are 1.6; the second half day is 29 June, the end of the month comes later.
    assert (plan.on, kinds(plan), plan.index_milli) == (dt.date(2026, 6, 29), [("volunteering", 2)], 120_600)


def test_every_plan_adds_up_from_waiting_step_by_step(citizen: Any, ask: Ask) -> None:
    citizen.event("volunteering", dt.date(2025, 9, 1), quantity_milli=8_000)
    citizen.event("administrative_penalty", dt.date(2026, 1, 10), level="general")
    for plan in ask(citizen, *EVERYTHING).plans:
        assert plan.waiting_milli + sum(step.points_milli for step in plan.steps) == plan.index_milli >= 120_000
        assert sum(step.effort_milli for step in plan.steps) == plan.effort_milli
        assert all(step.last_on <= plan.on for step in plan.steps)


def test_what_stands_in_the_quarter_already_is_not_asked_for_again(citizen: Any, ask: Ask) -> None:
    clean_quarters(citizen, 3)
    citizen.event("clean_quarter", dt.date(2026, 6, 14)).event("bravery", DAY, level="district")
    # 100 + 16 + 10 is an AA; the next is AAA: three quarters more are 12, but June's is there already.
    answer = ask(citizen, "contract_keeping", "village_compact")
    assert all(
        step.first_on >= dt.date(2026, 9, 30)
        for plan in answer.plans
        for step in plan.steps
        if step.kind == "contract_keeping"
    )
    assert answer.plans


def test_nothing_is_asked_for_beyond_a_cap(citizen: Any, ask: Ask) -> None:
    for month in range(1, 7):
        citizen.event("mutual_aid", dt.date(2026, month, 14))
    answer = ask(citizen, "mutual_aid", "contract_keeping", "village_compact")
    aid = [step.count for plan in answer.plans for step in plan.steps if step.kind == "mutual_aid"]
    assert answer.plans
    assert all(count <= 6 for count in aid)
    assert all(step.points_milli > 0 for plan in answer.plans for step in plan.steps)


def test_the_units_that_bring_most_are_asked_for_first(citizen: Any, ask: Ask) -> None:
    citizen.event("bravery", dt.date(2026, 1, 1), level="district").event("clean_quarter", dt.date(2026, 3, 31))
    for month in (3, 4, 5):
        citizen.event("mutual_aid", dt.date(2026, month, 28))
    citizen.event("compact_review", dt.date(2026, 6, 10), quantity_milli=1_000)
    # 118: the panel met in June already, so June would bring one point and September two.
    plan = ask(citizen, "village_compact").plans[0]
    (step,) = plan.steps
    assert (plan.on, step.count, step.first_on, step.points_milli) == (dt.date(2026, 9, 30), 1, plan.on, 2_000)


def test_a_plan_counts_on_the_rounding_of_the_total(citizen: Any, ask: Ask) -> None:
    citizen.event("bravery", dt.date(2026, 1, 1), level="district")
    for day in range(1, 10):
        citizen.event("volunteering", dt.date(2026, 5, day), quantity_milli=8_000)
    citizen.event("volunteering", dt.date(2026, 5, 10), quantity_milli=3_500)
    # 79.5 hours are 9.95 points: 119.95 is told as 120.
    plan = ask(citizen, "volunteering").plans[0]
    assert (kinds(plan), plan.index_milli) == ([("volunteering", 1)], 120_000)


def test_waiting_alone_may_be_enough_and_is_the_cheapest_plan(citizen: Any, ask: Ask) -> None:
    citizen.event("administrative_penalty", dt.date(2025, 9, 1), level="general")
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    answer = ask(citizen, "volunteering")
    assert (answer.index_milli, answer.waiting_reaches_on) == (115_000, dt.date(2026, 9, 1))
    assert kinds(answer.plans[0]) == [("volunteering", 8)]
    last = answer.plans[-1]
    assert (last.on, last.steps, last.effort_milli, last.index_milli) == (dt.date(2026, 9, 1), (), 0, 120_000)


# --- mending ----------------------------------------------------------------------------------------------------------
def test_an_overdue_hazard_is_fixed_and_never_repaired_on_paper(citizen: Any, ask: Ask) -> None:
    citizen.event("hazard_overdue", dt.date(2026, 2, 1), ends_on=dt.date(2026, 3, 1))
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    answer = ask(citizen, "fix_hazard", "credit_repair")
    assert kinds(answer.plans[0]) == [("fix_hazard", 1)]
    (step,) = answer.plans[0].steps
    assert (step.about_event_id, step.first_on) == (1, DAY + dt.timedelta(14))
    assert [(each.kind, each.reason) for each in answer.blocked] == [("credit_repair", "nothing_to_mend")]


def test_a_general_record_is_repaired_three_months_after_its_day_at_the_earliest(citizen: Any, ask: Ask) -> None:
    citizen.event("administrative_penalty", dt.date(2026, 6, 1), effective_from=dt.date(2026, 6, 3), level="general")
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    repaired, waited = ask(citizen, "credit_repair").plans
    assert (repaired.on, kinds(repaired)) == (dt.date(2026, 9, 3), [("credit_repair", 1)])
    assert (waited.on, waited.steps) == (dt.date(2027, 6, 3), ())


def test_a_serious_record_is_not_repaired_within_its_first_year(citizen: Any, ask: Ask) -> None:
    citizen.event("administrative_penalty", dt.date(2026, 6, 15), level="serious")
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    (plan,) = ask(citizen, "credit_repair").plans
    assert plan.on == dt.date(2027, 6, 15)
    (blocked,) = ask(citizen, "credit_repair", day=DAY - dt.timedelta(1)).blocked
    assert (blocked.kind, blocked.reason) == ("credit_repair", "nothing_to_mend")


def test_a_listing_as_debtor_is_never_repaired_nor_paid_off(citizen: Any, ask: Ask) -> None:
    citizen.event("debtor_listed", dt.date(2024, 1, 1))
    answer = ask(citizen, *EVERYTHING, target="A")
    assert not any(step.about_event_id for plan in answer.plans for step in plan.steps)
    assert "credit_repair" in {each.kind for each in answer.blocked}


def test_a_safety_course_ends_e_bike_violations(citizen: Any, ask: Ask) -> None:
    for day in (1, 5, 9):
        citizen.event("ebike_violation", dt.date(2026, 6, day))
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    (plan, waiting) = ask(citizen, "safety_course").plans
    assert (plan.on, kinds(plan), plan.steps[0].points_milli) == (dt.date(2026, 6, 22), [("safety_course", 1)], 3_000)
    assert waiting.steps == ()


def test_an_entitys_hazard_is_fixed_for_its_representative(citizen: Any, ask: Ask) -> None:
    citizen.represents(50, 1).event("hazard_overdue", dt.date(2026, 2, 1), ends_on=dt.date(2026, 3, 1), entity_id=50)
    citizen.event("bravery", dt.date(2026, 1, 1), level="city")
    plan = ask(citizen, "fix_hazard").plans[0]
    assert (kinds(plan), plan.index_milli) == ([("fix_hazard", 1)], 120_000)


# --- who cannot, who need not -----------------------------------------------------------------------------------------
def test_a_kind_whose_records_may_not_be_used_is_named_with_the_consent_it_needs(history: Any, ask: Ask) -> None:
    history.person(sources=("village_compact",)).consent(1, "volunteering", until_on=DAY)
    answer = ask(history, "volunteering", "mutual_aid", "contract_keeping")
    assert [(each.kind, each.reason, each.source) for each in answer.blocked] == [
        ("volunteering", "no_consent", "volunteering"),
        ("contract_keeping", "no_consent", "self_discipline"),
    ]


def test_a_kind_this_edition_has_no_rule_for_is_named(citizen: Any, rulebook: Rulebook) -> None:
    four = rulebook.dimensions[3]
    without = dataclasses.replace(
        rulebook,
        dimensions=(
            *rulebook.dimensions[:3],
            four.model_copy(update={"indicators": four.indicators[1:]}),
            rulebook.dimensions[4],
        ),
    )
    answer = steps_to(without, citizen.frames(), 1, DAY, ALL, ["volunteering"])
    assert [(each.kind, each.reason) for each in answer.blocked] == [("volunteering", "no_rule")]
    assert answer.plans == ()


def test_at_the_top_one_hears_what_would_be_lost(citizen: Any, ask: Ask) -> None:
    citizen.event("bravery", dt.date(2023, 9, 1), level="province").event(
        "bravery", dt.date(2026, 1, 1), level="district"
    )
    answer = ask(citizen, *EVERYTHING)
    assert (answer.grade, answer.target, answer.plans) == ("AAA", None, ())
    assert [(fall.on, fall.index_milli, fall.grade, fall.lost_milli) for fall in answer.falls] == [
        (dt.date(2026, 9, 1), 110_000, "A", 30_000)
    ]


def test_a_grade_that_is_reached_needs_no_plan_and_one_may_aim_higher_than_the_next(citizen: Any, ask: Ask) -> None:
    assert ask(citizen, *EVERYTHING, target="A").plans == ()
    answer = ask(citizen, *EVERYTHING, target="AAA")
    assert (answer.target, answer.missing_milli) == ("AAA", 40_000)
    assert all(plan.index_milli >= 140_000 for plan in answer.plans)


def test_unknown_things_are_refused(citizen: Any, ask: Ask) -> None:
    with pytest.raises(UnknownStepError, match="donating"):
        ask(citizen, "donating")
    with pytest.raises(UnknownGradeError):
        ask(citizen, "waiting", target="AAAA")
    with pytest.raises(PersonWithoutIndexError):
        ask(citizen, "waiting", person=2)


def test_who_can_do_nothing_hears_that_nothing_is_found(citizen: Any, ask: Ask) -> None:
    answer = ask(citizen)
    assert (answer.plans, answer.waiting_reaches_on, answer.blocked) == ((), None, ())


# --- the steps file ---------------------------------------------------------------------------------------------------
def test_no_step_asks_for_money_gifts_health_or_luck() -> None:
    words = STEPS.read_text("utf-8").split("tag: P", 1)[1]
    for banned in ("捐", "款", "献血", "健康", "礼", "donat", "blood", "pay ", "health", "bravery", "honour"):
        assert banned not in words
    assert {each.event_type for each in load_steps().kinds.values()}.isdisjoint({"bravery", "civil_honour"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("event_type: patrol", "event_type: bravery"),
        ("event_type: patrol", "event_type: debtor_delisted"),
        ("event_type: patrol", "event_type: donation"),
        ("kind: patrol", "kind: volunteering"),
        ("kind: patrol", "kind: waiting"),
        ("参加村里巡防{count}次。", "参加村里巡防{count}次，每次都要签到，还要穿上红马甲，带好手电筒。"),
        ("Village patrols to join: {count}.", "Join " + "many " * 20 + "patrols."),
        ("most: 50", "most: 500"),
        ("effort_hours: 3", "effort_hours: 0"),
    ],
)
def test_a_steps_file_that_cannot_stand_is_refused_with_its_line(old: str, new: str) -> None:
    text = STEPS.read_text("utf-8")
    assert old in text
    with pytest.raises(RulebookValueError, match=r"recourse_steps.yaml:\d+"):
        read_steps(text.replace(old, new, 1).encode())


# --- exactness --------------------------------------------------------------------------------------------------------
KINDS = st.sampled_from(
    [
        ("volunteering", "", 4_000),
        ("volunteering", "", 9_000),
        ("clean_quarter", "village", 0),
        ("breached_quarter", "village", 0),
        ("compact_review", "", 1_000),
        ("hygiene_inspection", "", 2_000),
        ("mutual_aid", "", 1_000),
        ("deliberation", "", 1_000),
        ("ebike_violation", "", 0),
        ("uncivil_conduct", "", 0),
        ("administrative_penalty", "general", 0),
        ("administrative_penalty", "general", 0),
        ("administrative_penalty", "serious", 0),
        ("administrative_penalty", "serious", 0),
        ("maritime_violation", "general", 0),
        ("false_litigation", "", 0),
        ("civil_honour", "family_city", 0),
        ("bravery", "city", 0),
    ]
)
DEEDS = st.lists(st.tuples(KINDS, st.dates(dt.date(2025, 3, 1), DAY)), max_size=12)


def few_steps() -> Steps:
    """Four months, few units: every set of them can be tried."""
    shipped = load_steps()
    doings = {each.kind: each for each in shipped.doing}
    few = {
        "volunteering": 2,
        "contract_keeping": 2,
        "village_compact": 1,
        "mutual_aid": 2,
        "deliberation": 1,
        "safety_course": 1,
    }
    chosen = tuple(doings[kind].model_copy(update={"most": most}) for kind, most in few.items())
    mendings = tuple(
        each.model_copy(
            update={"after_months": None if each.after_months is None else {"minor": 0, "general": 1, "serious": 2}}
        )
        for each in shipped.mending
    )
    return Steps.model_construct(tag="P", horizon_months=4, doing=chosen, mending=mendings)


def choices_of(rulebook: Rulebook, frames: HistoryFrames, steps: Steps, until: int) -> list[Choice]:
    standing = evaluate(rulebook, frames, DAY, ALL)
    found = [
        doing(step, rulebook, day_number(DAY), until)
        if isinstance(step, Doing)
        else mending(step, rulebook, standing, frames.events, until)
        for step in steps.kinds.values()
    ]
    return [choice for choice in found if choice.actions]


def every_set_of(
    actions: list[Action], deeds: list[Any], new_history: Any, days: list[int], rulebook: Rulebook
) -> Iterator[tuple[int, int, int]]:
    """Day, effort and index of every set of actions: one person per set, nothing shared with the search."""
    sets = [chosen for size in range(len(actions) + 1) for chosen in itertools.combinations(actions, size)]
    history = new_history()
    for person, chosen in enumerate(sets, start=1):
        history.person(person)
        first = len(history.events)
        for (kind, level, quantity), on in deeds:
            history.event(kind, on, person_id=person, level=level, quantity_milli=quantity)
        for action in chosen:
            about = action.about_event_id + first if action.about_event_id else 0
            history.event(
                action.event_type,
                date_of(action.day),
                person_id=person,
                level=action.level,
                quantity_milli=action.quantity_milli,
                about_event_id=about,
            )
    frames = history.frames()
    for day in days:
        on = date_of(day)
        assert on
        index_milli = evaluate(rulebook, frames, on, 10**9).persons.index_milli
        for chosen, milli in zip(sets, index_milli.tolist(), strict=True):
            yield day, sum(action.effort_milli for action in chosen), milli


def tight(rulebook: Rulebook) -> Rulebook:
    """The same rules under caps and bounds that a few records reach, from both sides."""
    dimensions = [
        dimension.model_copy(
            update={
                "lowest_milli": max(dimension.lowest_milli, -8_000),
                "highest_milli": min(dimension.highest_milli, 5_000),
                "indicators": tuple(
                    each.model_copy(update={"cap_milli": 3_000 if each.direction == "award" else -6_000})
                    for each in dimension.indicators
                ),
            }
        )
        for dimension in rulebook.dimensions
    ]
    return dataclasses.replace(rulebook, dimensions=tuple(dimensions))


@pytest.mark.parametrize("caps", [dataclasses.replace, tight], ids=["shipped", "tight"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS, st.integers(0, 10_000), st.lists(st.sampled_from(range(11)), min_size=9, max_size=9, unique=True))
def test_no_set_of_steps_reaches_the_grade_on_that_day_with_less_effort(
    new_history: Any, rulebook: Rulebook, caps: Any, deeds: list[Any], aim: int, drawn: list[int]
) -> None:
    rulebook, history = caps(rulebook), new_history().person()
    for (kind, level, quantity), on in deeds:
        history.event(kind, on, level=level, quantity_milli=quantity)
    frames, until = history.frames(), day_number(dt.date(2026, 10, 15))
    steps = few_steps()
    offered = [action for choice in choices_of(rulebook, frames, steps, until) for action in choice.actions]
    kept = [offered[at] for at in sorted(drawn) if at < len(offered)][:9]
    choices = [
        dataclasses.replace(choice, actions=tuple(action for action in choice.actions if action in kept))
        for choice in choices_of(rulebook, frames, steps, until)
    ]
    choices = [choice for choice in choices if choice.actions]
    days = [day_number(dt.date(2026, 6, 30)), day_number(dt.date(2026, 8, 20)), until]
    tried = list(every_set_of(kept, deeds, new_history, days, rulebook))
    reachable = sorted({index for _, _, index in tried})
    from_milli = reachable[aim * len(reachable) // 10_001]
    best: dict[int, int] = {}
    for day, effort, index in tried:
        if index >= from_milli:
            best[day] = min(best.get(day, effort), effort)
    search = Search(rulebook, Copies(frames, 1, 10**9 - 1), 10**9 - 1, choices)
    assert {found.day: found.effort_milli for found in search.cheapest(days, from_milli)} == best


def crowd(new_history: Any, events: list[Any]) -> Any:
    """Seven persons in two households, two units, corrections and revocations among what happened."""
    history = new_history()
    for person in range(1, 8):
        history.person(person * 1_000_003, village_code=f"V00{person % 2 + 1}").member(
            person % 2 + 5, person * 1_000_003
        )
    history.represents(51, 1_000_003, until_on=dt.date(2026, 1, 1)).represents(
        51, 2_000_006, from_on=dt.date(2025, 6, 1)
    )
    history.represents(52, 3_000_009)
    history.event(
        "neighborhood_conversion",
        dt.date(2025, 12, 31),
        person_id=0,
        household_id=0,
        level="V001",
        quantity_milli=50_000,
    )
    for (kind, level, quantity), on, whom, about in events:
        number = len(history.events)
        names = [{"person_id": whom * 1_000_003}, {"entity_id": 51 + whom % 2}, {"household_id": 5 + whom % 2}][
            whom % 3 if about < 20 else 0
        ]
        history.event(
            kind,
            on,
            level=level,
            quantity_milli=quantity,
            about_event_id=about % number if 2 <= about < 12 else 0,
            **names,
        )
    return history


EVENTS = st.lists(
    st.tuples(
        st.one_of(
            KINDS,
            st.sampled_from(
                [
                    ("revocation", "", 0),
                    ("restoration", "", 0),
                    ("neighborhood_points", "", 120_000),
                    ("appeal_opened", "", 0),
                ]
            ),
        ),
        st.dates(dt.date(2024, 6, 1), DAY),
        st.integers(1, 7),
        st.integers(0, 30),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.integers(1, 7), st.integers(5, 45))
def test_a_persons_part_and_every_copy_of_it_give_the_index_the_whole_gives(
    new_history: Any, rulebook: Rulebook, events: list[Any], who: int, position: int
) -> None:
    frames, person = crowd(new_history, events).frames(), who * 1_000_003
    whole = evaluate(rulebook, frames, DAY, position).persons
    part = own_frames(rulebook, frames, person, position)
    alone = evaluate(rulebook, part, DAY, position).persons
    assert alone.to_arrow().to_pylist() == whole.take(whole.person_id == person).to_arrow().to_pylist()
    deduction = int(part.events.event_id[0]) if len(part.events) else 0
    until = day_number(DAY)
    aid = Action("mutual_aid", "mutual_aid", "", 1_000, until, 0, 1)
    mended = Action("credit_repair", "restoration", "", 0, until - 1, deduction, 1)
    plans = [(), (aid,), (mended,), (mended, aid, dataclasses.replace(aid, day=until - 40))]
    copies = evaluate(rulebook, Copies(part, person, position).with_actions(plans), DAY, position).persons
    for plan, index_milli in zip(plans, copies.index_milli.tolist(), strict=True):
        original = evaluate(rulebook, with_actions(part, person, plan, position), DAY, position).persons
        assert original.index_milli.tolist() == [index_milli]


def test_the_same_question_has_the_same_answer_whatever_the_order_of_rows(citizen: Any, rulebook: Rulebook) -> None:
    clean_quarters(citizen, 2).event("volunteering", dt.date(2026, 5, 1), quantity_milli=5_000)
    answers = [
        steps_to(rulebook, citizen.frames(order), 1, DAY, ALL, can_do)
        for order, can_do in ((list, EVERYTHING), (lambda rows: rows[::-1], EVERYTHING[::-1]))
    ]
    assert answers[0] == answers[1]


def test_steps_are_found_for_somebody_among_many(new_history: Any, rulebook: Rulebook) -> None:
    history = new_history()
    for person in range(1, 6):
        history.person(person).event("volunteering", dt.date(2026, 5, person), person_id=person, quantity_milli=8_000)
    alone = new_history().person(3).event("volunteering", dt.date(2026, 5, 3), person_id=3, quantity_milli=8_000)
    of_many, of_one = (steps_to(rulebook, each.frames(), 3, DAY, ALL, EVERYTHING) for each in (history, alone))
    assert of_many == of_one
    assert np.all([plan.index_milli >= 120_000 for plan in of_many.plans])
