import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, select, text, true
from sqlalchemy.exc import DBAPIError, IntegrityError

from loan_service.bank import pipeline
from loan_service.bank.stages import policies
from loan_service.bank.stages.households import import_households
from loan_service.bank.stages.offers import issue
from loan_service.bank.stages.policies import Examination
from loan_service.bank.stages.policies.examination import (
    answered,
    compare_over_households,
    over_the_households,
    read,
    static_errors,
)
from loan_service.bank.store import policy_editions as store
from loan_service.bank.store.policy_editions import LEDGER, Published
from loan_service.bank.store.policy_tables import (
    lpr_tables,
    policy_approvals,
    policy_assessments,
    policy_back_outs,
    policy_editions,
    policy_files,
)
from loan_service.bank.store.tables import log, offers
from loan_service.bank.views.policies import (
    LPR_FILE,
    POLICY_FILE,
    lending_policy,
    policy_by_id,
    policy_in_force,
    publications,
)
from loan_service.errors import ConflictError, HaixiaError, NotFoundError, RefusedError
from loan_service.foundation.database import BANK as WING
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.editions.examination import CasesRun
from loan_service.foundation.wing import Wing, open_wing
from loan_service.settings import Deployment, Settings
from models.gates import GateResult
from models.policy_case_files import load_policy_cases
from models.policy_loader import POLICIES, PolicyEdition, PolicyFile

BANK, OTHER = "island_rural", "harbour_city"
DAY = date(2026, 6, 15)
SOON = date(2026, 7, 1)
TABLES = [policy_editions, policy_files, policy_assessments, policy_approvals, policy_back_outs, lpr_tables]
SHIPPED = (POLICIES / f"{BANK}.yaml").read_bytes()
LPR = PolicyFile.of(POLICIES / "lpr.yaml")
PASSED = CasesRun(3, (), hashlib.sha256(b"cases").hexdigest())
Row = dict[str, str]


@contextmanager
def refused(code: str, kind: type[HaixiaError] = RefusedError) -> Iterator[pytest.ExceptionInfo[HaixiaError]]:
    """An error with this code, told in both languages, with a remedy."""
    with pytest.raises(kind) as found:
        yield found
    assert found.value.code == code
    assert found.value.remedy
    assert found.value.chinese != found.value.english


def changed(content: bytes, *pairs: tuple[str, str]) -> bytes:
    told = content.decode()
    for old, new in pairs:
        assert old in told, old
        told = told.replace(old, new)
    return told.encode()


def written(name: str, effective_from: date, *pairs: tuple[str, str]) -> bytes:
    """The shipped policy under another name and date, with some values changed."""
    head = (
        ('edition: "2026-06"', f'edition: "{name}"'),
        ("effective_from: 2021-08-01", f"effective_from: {effective_from}"),
    )
    return changed(SHIPPED, *head, *pairs)


class Examiner:
    """Runs the real static checks; cases pass, and the assessment says what it is told to say."""

    def __init__(self, gates: tuple[GateResult, ...] = (), cases: CasesRun = PASSED) -> None:
        self.gates, self.cases = gates, cases
        self.compared: list[tuple[str, str]] = []

    def assess(self, before: PolicyEdition, after: PolicyEdition) -> bytes:
        self.compared.append((before.policy.edition, after.policy.edition))
        return json.dumps({"pair": self.compared[-1], "gates": [gate.to_content() for gate in self.gates]}).encode()

    def examination(self, today: date) -> Examination:
        return Examination(static_errors(today), lambda _: self.cases, self.assess)


def propose(
    wing: Wing, policy: bytes, author: str = "An", today: date = DAY, examiner: Examiner | None = None
) -> Published:
    return policies.publish(wing, policy, author, today, (examiner or Examiner()).examination(today))


def publish_both(wing: Wing, policy: bytes, today: date = DAY) -> Published:
    published = propose(wing, policy, today=today)
    return policies.approve(wing, published.bank_code, published.edition, "Bo", today)


def approve(wing: Wing, edition: str, by: str = "Bo", today: date = DAY, **accepted: str) -> Published:
    return policies.approve(wing, BANK, edition, by, today, accepted)


def in_force(wing: Wing, day: date, bank_code: str = BANK) -> str | None:
    with transaction(wing.engine) as connection:
        published = store.in_force(connection, bank_code, day)
    return published.edition if published else None


def states(wing: Wing, today: date, bank_code: str = BANK) -> dict[str, str]:
    with transaction(wing.engine) as connection:
        return {line.edition: line.state for line in publications(connection, bank_code, today)}


def ledger(wing: Wing) -> dict[str, str]:
    with transaction(wing.engine) as connection:
        return content_hashes(connection, [*TABLES, log.leaves])


def priced_by(wing: Wing, day: date) -> PolicyEdition:
    with transaction(wing.engine) as connection:
        return policy_in_force(connection, BANK, day)


@pytest.fixture
def desk(bank: Wing) -> Wing:
    """The bank with the shipped LPR entered, and no policy yet."""
    policies.enter_lpr(bank, LPR, "An", "Bo", DAY)
    return bank


@pytest.fixture
def real(settings: Settings, owner_url: str, empty_after: None) -> Iterator[Wing]:
    """The bank as deployed, not as demonstrated."""
    declared = {"operator": "o", "role_of_parties": "r", "agreement_reference": "a"}
    deployed = settings.model_copy(update={"deployment": Deployment.BANK, **declared})
    with open_wing(deployed, owner_url, WING) as wing:
        yield wing


# --- two persons, one day ---------------------------------------------------------------------------------------------
def test_a_policy_takes_force_once_a_second_person_approves_it(desk: Wing) -> None:
    propose(desk, SHIPPED)
    assert in_force(desk, DAY) is None
    approve(desk, "2026-06")
    assert states(desk, DAY) == {"2026-06": "in_force"}


@pytest.mark.parametrize("approver", ["An Li", "an  li", "Ａｎ Li"])
def test_the_author_may_not_approve_in_whatever_spelling(desk: Wing, approver: str) -> None:
    propose(desk, SHIPPED, author="An Li")
    with refused("policy.same_person"):
        approve(desk, "2026-06", approver)


def test_the_database_refuses_one_person_too(desk: Wing) -> None:
    published = propose(desk, SHIPPED)
    with transaction(desk.engine) as connection:
        assessment = LEDGER.newest_assessment(connection, published.content_hash)
        assert assessment
        with pytest.raises(IntegrityError, match="two_persons"):
            LEDGER.append_approval(connection, published, "an", assessment.assessment_id, DAY, {"accepted": {}})


def test_only_a_banks_first_policy_may_look_back(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    with refused("policy.too_late"):
        propose(desk, written("2026-05", DAY - timedelta(days=1)))
    publish_both(desk, written("2026-06b", DAY))
    assert in_force(desk, DAY) == "2026-06b"


def test_banks_do_not_replace_each_others_policies(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    publish_both(desk, (POLICIES / f"{OTHER}.yaml").read_bytes())
    publish_both(desk, written("2026-07", SOON))
    assert (in_force(desk, SOON), in_force(desk, SOON, OTHER)) == ("2026-07", "2026-06")
    with refused("policy.last"):
        policies.back_out(desk, OTHER, "2026-06", "Cy", "unsound", DAY)


# --- what is proposed -------------------------------------------------------------------------------------------------
def test_a_policy_is_kept_byte_for_byte_with_the_lpr_it_was_checked_against(desk: Wing) -> None:
    published = publish_both(desk, SHIPPED)
    with transaction(desk.engine) as connection:
        assert LEDGER.files_of(connection, published.content_hash) == {POLICY_FILE: SHIPPED, LPR_FILE: LPR.content}


def test_other_values_under_a_used_name_are_refused(desk: Wing) -> None:
    propose(desk, SHIPPED)
    before = ledger(desk)
    with refused("policy.name_used", ConflictError):
        propose(desk, changed(SHIPPED, ("value: 300000", "value: 290000")))
    assert ledger(desk) == before


@pytest.mark.parametrize(
    ("pair", "code", "told"),
    [
        (("until_ppm: 5000, outcome", "until_ppm: 4000, outcome"), "policy.checks_failed", "policy.yaml:"),
        (("limit_step:", "limit_stop:"), "policy.unreadable", "policy.yaml:"),
        (("bank_code: island_rural", "bank_code: island_rurral"), "policy.unknown_bank", "island_rurral"),
    ],
)
def test_a_broken_policy_cannot_be_proposed_and_says_where(
    desk: Wing, pair: tuple[str, str], code: str, told: str
) -> None:
    with refused(code) as found:
        propose(desk, changed(SHIPPED, pair))
    assert told in found.value.english
    assert states(desk, DAY) == {}


def test_failing_cases_and_no_cases_at_all_are_refused(desk: Wing) -> None:
    for cases in (CasesRun(3, ("case 7",), ""), CasesRun(0, (), "")):
        with refused("policy.cases_failed"):
            propose(desk, SHIPPED, examiner=Examiner(cases=cases))


def test_a_policy_written_against_another_one_is_refused(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    with refused("policy.other_predecessor"):
        propose(desk, written("2026-07", SOON, ("replaces: null", 'replaces: "2025-01"')))


# --- the assessment and its gate --------------------------------------------------------------------------------------
def gate(outcome: Any) -> GateResult:
    return GateResult("non_participants_spread", outcome, 5.0, "at most 0", "加点上升", "spread rises")


def test_a_policy_whose_gate_fails_is_approved_by_nobody(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    propose(desk, written("2026-07", SOON), examiner=Examiner((gate("failed"),)))
    with refused("policy.gate_failed") as found:
        approve(desk, "2026-07", non_participants_spread="we want it all the same")
    assert "spread rises" in found.value.english
    assert in_force(desk, SOON) == "2026-06"


def test_what_a_gate_leaves_undecided_is_accepted_in_writing_and_kept(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    propose(desk, written("2026-07", SOON), examiner=Examiner((gate("undecided"),)))
    for accepted in ({}, {"non_participants_spread": " "}, {"another_gate": "why"}):
        with refused("policy.gate_undecided"):
            approve(desk, "2026-07", **accepted)
    approve(desk, "2026-07", non_participants_spread="two households, both told", another_gate="never asked")
    with transaction(desk.engine) as connection:
        kept = connection.execute(select(policy_approvals.c.accepted).order_by(policy_approvals.c.leaf_id)).scalars()
        assert list(kept) == [{}, {"non_participants_spread": "two households, both told"}]


def test_an_assessment_against_another_predecessor_is_refused_until_renewed(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    later, examiner = written("2026-09", date(2026, 9, 1)), Examiner()
    propose(desk, later, examiner=examiner)
    publish_both(desk, written("2026-07", SOON))
    with refused("policy.assessment_stale"):
        approve(desk, "2026-09")
    propose(desk, later, examiner=examiner)
    assert approve(desk, "2026-09").approved_on == DAY
    assert examiner.compared == [("2026-06", "2026-09"), ("2026-07", "2026-09")]


# --- back-out, repetition, ledgers ------------------------------------------------------------------------------------
def test_after_a_back_out_the_policy_before_is_in_force_again(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    backed = publish_both(desk, written("2026-07", SOON))
    policies.back_out(desk, BANK, "2026-07", "Cy", "a spread too high", date(2026, 7, 20))
    assert [in_force(desk, date(2026, 7, day)) for day in (1, 19, 20)] == ["2026-07", "2026-07", "2026-06"]
    with transaction(desk.engine) as connection:
        found = policy_by_id(connection, f"{BANK}/2026-07@{backed.content_hash[:12]}")
    assert found.policy.edition == "2026-07"


def test_every_act_done_twice_changes_nothing(desk: Wing) -> None:
    later = written("2026-07", SOON)
    acts: list[Callable[[], object]] = [
        lambda: policies.enter_lpr(desk, LPR, "An", "Bo", DAY),
        lambda: propose(desk, SHIPPED),
        lambda: approve(desk, "2026-06"),
        lambda: propose(desk, later),
        lambda: approve(desk, "2026-07"),
        lambda: policies.back_out(desk, BANK, "2026-07", "Cy", "unsound", DAY),
    ]
    for act in acts:
        once = act()
        before = ledger(desk)
        assert act() == once
        assert ledger(desk) == before


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("statement", ["UPDATE {} SET content_hash = content_hash", "DELETE FROM {}"])
def test_nobody_changes_or_deletes_a_row(desk: Wing, owner: Engine, table: object, statement: str) -> None:
    publish_both(desk, SHIPPED)
    publish_both(desk, written("2026-07", SOON))
    policies.back_out(desk, BANK, "2026-07", "Cy", "unsound", DAY)
    for engine in (desk.engine, owner):
        with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as connection:
            connection.execute(text(statement.format(table)))


def test_every_row_has_a_leaf_of_its_own_in_the_log(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    publish_both(desk, written("2026-07", SOON))
    policies.back_out(desk, BANK, "2026-07", "Cy", "unsound", DAY)
    told = (policy_editions, policy_assessments, policy_approvals, policy_back_outs, lpr_tables)
    with transaction(desk.engine) as connection:
        leaves = [leaf for table in told for leaf in connection.execute(select(table.c.leaf_id)).scalars()]
        assert sorted(leaves) == sorted(connection.execute(select(log.leaves.c.leaf_id)).scalars())


# --- the LPR beside ---------------------------------------------------------------------------------------------------
def lpr_of(edition: str, *pairs: tuple[str, str]) -> PolicyFile:
    return PolicyFile(f"{edition}.yaml", changed(LPR.content, ('edition: "2026-06"', f'edition: "{edition}"'), *pairs))


JULY = (
    "until: 2026-08-20, one_year_bp: 300, five_year_bp: 350,",
    "until: 2026-07-20, one_year_bp: 300, five_year_bp: 350,",
)
AUGUST = (
    "from: 2026-08-20, until: 2028-07-20, one_year_bp: 300",
    "from: 2026-07-20, until: 2028-07-20, one_year_bp: 290",
)


def test_the_list_costs_no_more_questions_for_more_editions(
    desk: Wing, statements: Callable[[Wing], list[str]]
) -> None:
    propose(desk, SHIPPED)
    asked = statements(desk)
    states(desk, DAY)
    one, few = len(asked), date(2026, 8, 1)
    for name in ("2026-08", "2026-09"):
        propose(desk, written(name, few))
    asked.clear()
    assert len(states(desk, DAY)) == 3
    assert len(asked) == one
    assert not [statement for statement in asked if ".document," in statement]


def test_a_new_quote_prices_without_a_new_policy_and_old_offers_find_their_own(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    quoted = date(2026, 7, 20)
    before = priced_by(desk, quoted)
    policies.enter_lpr(desk, lpr_of("2026-07", JULY, AUGUST), "An", "Bo", quoted)
    after = priced_by(desk, quoted)
    assert before.edition_id == after.edition_id
    assert [each.lpr.rate_bp("one_year", quoted) for each in (before, after)] == [300, 290]
    with transaction(desk.engine) as connection:
        assert policy_by_id(connection, before.edition_id, before.lpr_hash) == before
        assert policy_by_id(connection, before.edition_id, after.lpr_hash) == after
        with refused("lpr.unknown", NotFoundError):
            policy_by_id(connection, before.edition_id, "0" * 64)
        with refused("policy.unknown", NotFoundError):
            policy_by_id(connection, f"{BANK}/2026-06@{'0' * 12}")


MAY = ("until: 2026-05-20, one_year_bp: 300", "until: 2026-05-20, one_year_bp: 310")


@pytest.mark.parametrize(
    ("pairs", "by", "code", "told"),
    [
        ((MAY,), "Bo", "lpr.past_changed", "2025-05-20"),
        ((("from: 2025-05-20", "from: 2025-06-20"),), "Bo", "lpr.unreadable", "PeriodGapError"),
        ((("unit: bp", "unit: percent"),), "Bo", "lpr.unreadable", "2026-07.yaml:4"),
        ((JULY, AUGUST), "an", "lpr.same_person", "an"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_trusted_is_refused(
    desk: Wing, pairs: tuple[tuple[str, str], ...], by: str, code: str, told: str
) -> None:
    before = ledger(desk)
    with refused(code) as found:
        policies.enter_lpr(desk, lpr_of("2026-07", *pairs), "An", by, DAY)
    assert told in found.value.english
    assert ledger(desk) == before


QUOTE = '{from: 2028-07-20, until: 2030-07-20, one_year_bp: 290, five_year_bp: 340, origin: "[P]"}'
NEWEST = ('not a publication"}', f'not a publication"}}\n  - {QUOTE}')


def test_a_table_after_a_gap_fills_it_and_still_changes_no_day_gone_by(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    after_gap = date(2028, 7, 21)
    with refused("lpr.past_changed") as found:
        policies.enter_lpr(desk, lpr_of("2028-07", NEWEST, MAY), "An", "Bo", after_gap)
    assert "2025-05-20" in found.value.english
    policies.enter_lpr(desk, lpr_of("2028-07", NEWEST), "An", "Bo", after_gap)
    assert priced_by(desk, after_gap).lpr.rate_bp("one_year", after_gap) == 290


def test_where_no_lpr_covers_the_day_nothing_is_priced_but_the_policy_still_stands(desk: Wing) -> None:
    publish_both(desk, SHIPPED)
    ended = date(2028, 7, 20)
    with transaction(desk.engine) as connection:
        with refused("lpr.none_covers"):
            policy_in_force(connection, BANK, ended)
        assert lending_policy(connection, BANK, ended).edition == "2026-06"
    with refused("lpr.none_covers"):
        propose(desk, written("2028-08", date(2028, 8, 1)), today=ended)


def alter(owner: Engine, table: Table, column: str, content: bytes, where: Any) -> None:
    """What nobody may do, done by somebody who took the trigger away."""
    with transaction(owner) as connection:
        connection.execute(text(f"ALTER TABLE {table.fullname} DISABLE TRIGGER append_only"))
        connection.execute(table.update().where(where).values({column: content}))
        connection.execute(text(f"ALTER TABLE {table.fullname} ENABLE TRIGGER append_only"))


def test_altered_bytes_are_noticed(desk: Wing, owner: Engine) -> None:
    publish_both(desk, SHIPPED)
    dearer = changed(LPR.content, ("until: 2026-08-20, one_year_bp: 300", "until: 2026-08-20, one_year_bp: 310"))
    alter(owner, lpr_tables, "content", dearer, true())
    with refused("lpr.altered", ConflictError):
        priced_by(desk, DAY)
    alter(owner, lpr_tables, "content", LPR.content + b"# another comment\n", true())
    smaller = changed(SHIPPED, ("value: 10000}", "value: 11000}"))
    alter(owner, policy_files, "content", smaller, policy_files.c.file_name == POLICY_FILE)
    with refused("policy.altered", ConflictError):
        priced_by(desk, DAY)


# --- the demonstration, and elsewhere ---------------------------------------------------------------------------------
def test_the_demonstration_prices_by_what_came_with_the_program_published_once(bank: Wing) -> None:
    assert len(policies.publish_shipped(bank, DAY)) == 3
    before = ledger(bank)
    assert policies.publish_shipped(bank, DAY) == []
    assert ledger(bank) == before
    with transaction(bank.engine) as connection:
        [line] = publications(connection, BANK, DAY)
    assert (line.state, line.author, line.approver) == ("in_force", "demo-author", "demo-approver")


def test_outside_the_demonstration_a_bank_without_a_policy_offers_nothing_and_is_told_what_to_do(
    real: Wing, tmp_path: Path, open_script: Any
) -> None:
    run = pipeline.run(real, DAY, {BANK: open_script()}, tmp_path, lambda *_: None)
    assert run.troubles[BANK].count("policy.none_in_force") == 1
    assert "haixia policy publish" in run.troubles[BANK]
    assert states(real, DAY) == {}


# --- over real households ---------------------------------------------------------------------------------------------
@pytest.fixture
def lent(
    desk: Wing,
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    promote: Callable[..., None],
) -> Wing:
    """A bank that prices forty households by the shipped policy."""
    publish_both(desk, SHIPPED)
    promote()
    rows = [household_row(number, village_code=f"V{1 + number % 2:03d}") for number in range(40)]
    assert import_households(desk, BANK, household_file(rows), DAY).rows_landed == 40
    return desk


def assessed(wing: Wing, policy: bytes) -> Mapping[str, Any]:
    examination = Examination(static_errors(DAY), lambda _: PASSED, over_the_households(wing, DAY))
    published = policies.publish(wing, policy, "An", DAY, examination)
    with transaction(wing.engine) as connection:
        assessment = LEDGER.newest_assessment(connection, published.content_hash)
    assert assessment
    told: Mapping[str, Any] = json.loads(assessment.document)
    return told


def edition_of(policy: bytes) -> PolicyEdition:
    return read({POLICY_FILE: policy, LPR_FILE: LPR.content})


R3 = "income_multiple_milli: 940, spread_bp: 190"
R2 = "income_multiple_milli: 1030, spread_bp: 170"


def test_a_dearer_policy_for_those_without_a_grade_fails_its_gate(lent: Wing) -> None:
    dearer = (("spread_bp: 190", "spread_bp: 200"), ("spread_bp: 170", "spread_bp: 175"))
    told = assessed(lent, written("2026-07", SOON, *dearer))
    assert (told["households"], told["rate"]["higher"], told["priced_on"]) == (40, 40, "2026-07-01")
    assert [one["outcome"] for one in told["gates"]] == ["failed"]
    with refused("policy.gate_failed"):
        approve(lent, "2026-07", non_participants_spread="they can afford it")


def test_the_assessment_is_the_very_comparison_officers_see(lent: Wing) -> None:
    before, after = edition_of(SHIPPED), edition_of(written("2026-07", SOON, (R2, R2.replace("1030", "840"))))
    seen = compare_over_households(lent, before, after, DAY)
    assert seen.comparison.baseline_fall.households == 40
    assert over_the_households(lent, DAY)(before, after) == seen.to_json()


@pytest.mark.parametrize(("limit", "wrong"), [(112_000, 0), (1, 1)])
def test_values_are_looked_at_only_where_every_case_is_answered_right(tmp_path: Path, limit: int, wrong: int) -> None:
    (tmp_path / "one.yaml").write_text(
        f"bank_code: {BANK}\ncases:\n  - case: one\n    day: {DAY}\n    probability: 0.012\n"
        f"    expected: {{decision: offer, limit: {limit}}}\n",
        "utf-8",
    )
    told = answered(load_policy_cases(tmp_path), edition_of(SHIPPED))
    assert (len(told.asked), len(told.wrong), bool(told.facets)) == (1, wrong, not wrong)


def test_whose_baseline_falls_is_counted_with_the_reason_and_by_group(lent: Wing) -> None:
    told = assessed(lent, written("2026-07", SOON, (R3, R3.replace("940", "840")), (R2, R2.replace("1030", "840"))))
    fall = told["baseline_fall"]
    assert (fall["households"], fall["no_longer_offered"]) == (40, 0)
    assert fall["reasons"] == {"income_multiple": 40}
    assert {group["group"]: group["households"] for group in told["groups"]["village"]} == {"V001": 20, "V002": 20}
    assert told["before"]["limits_yuan"] > told["after"]["limits_yuan"]
    assert told["limit"]["lower"] == 40
    assert [one["outcome"] for one in told["gates"]] == ["passed"]
    assert approve(lent, "2026-07").approved_on == DAY


def test_offers_say_which_policy_and_which_lpr_priced_them(lent: Wing) -> None:
    edition = priced_by(lent, DAY)
    assert issue(lent, edition, DAY).issued == 40
    with transaction(lent.engine) as connection:
        found = set(connection.execute(select(offers.c.policy_edition, offers.c.lpr_hash)).all())
        [(edition_id, lpr_hash)] = found
        assert policy_by_id(connection, edition_id, lpr_hash) == edition


def test_an_offer_accepted_under_an_old_policy_is_honoured_whatever_is_in_force_by_then(
    lent: Wing, open_bank: Callable[..., Any], look: Any, tmp_path: Path
) -> None:
    sim, day = open_bank(40), DAY
    pipeline.run(lent, day, {BANK: sim.port}, tmp_path, lambda *_: None)
    offered = dict(look.rows("offers", "offer_id", "rate_bp"))
    tighter = ('cap_yuan: 200000, term_months: 36, origin: "[V]', 'cap_yuan: 50000, term_months: 36, origin: "[V]')
    publish_both(lent, written("2026-06b", DAY + timedelta(days=1), tighter))
    for _ in range(6):
        sim.pass_days()
        day += timedelta(days=1)
        pipeline.run(lent, day, {BANK: sim.port}, tmp_path, lambda *_: None)
    assert set(look.rows("offers", "policy_edition", "limit_fen > 5000000")) == {
        (priced_by(lent, DAY).edition_id, True),
        (priced_by(lent, day).edition_id, False),
    }
    signed = look.rows("contracts", "offer_id", "rate_bp", "limit_fen")
    assert len(signed) == 40
    assert all(offered[offer_id] == rate_bp and limit_fen > 5_000_000 for offer_id, rate_bp, limit_fen in signed)
