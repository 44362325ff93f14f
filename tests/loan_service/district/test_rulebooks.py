import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from loan_service.district.stages.rulebooks import CasesRun, Examination, approve, back_out, publish, publish_shipped
from loan_service.district.stages.rulebooks.examination import filed_cases, static_errors
from loan_service.district.store import rulebooks as store
from loan_service.district.store.rulebook_tables import (
    rulebook_approvals,
    rulebook_assessments,
    rulebook_back_outs,
    rulebook_editions,
    rulebook_files,
)
from loan_service.district.store.rulebooks import Published
from loan_service.district.store.tables import log
from loan_service.district.views.rulebooks import parsed, publications, rulebook_by_hash, rulebook_in_force, rulebook_of
from loan_service.errors import ConflictError, HaixiaError, NotFoundError, RefusedError
from loan_service.foundation.database import DISTRICT, content_hashes, transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing, open_wing
from loan_service.settings import Deployment, Settings
from scoring import Rulebook
from scoring.loader import RULEBOOKS, edition_files, load_rulebook_files

LEDGER = [rulebook_editions, rulebook_files, rulebook_assessments, rulebook_approvals, rulebook_back_outs]
DAY = date(2026, 6, 15)
WHOLE = edition_files(RULEBOOKS / "2026-01")
SHIPPED = {name: WHOLE[name] for name in ("edition.yaml", "4_social_contribution.yaml")}
"""One dimension of the shipped edition is an edition too, and is parsed in a moment."""
Files = Mapping[str, bytes]


@contextmanager
def refused(code: str, kind: type[HaixiaError] = RefusedError) -> Iterator[pytest.ExceptionInfo[HaixiaError]]:
    """An error with this code, told in both languages, with a remedy."""
    with pytest.raises(kind) as found:
        yield found
    error = found.value
    assert error.code == code
    assert error.remedy
    assert error.chinese != error.english


def written(name: str, effective_from: date, *, placeholder: bool = True) -> Files:
    """The shipped edition under another name and date."""
    text = SHIPPED["edition.yaml"].decode()
    text = text.replace('edition: "2026-01"', f'edition: "{name}"')
    text = text.replace("effective_from: 2026-01-01", f"effective_from: {effective_from}")
    if not placeholder:
        text = text.replace("placeholder_catalogue: true", "placeholder_catalogue: false")
    return {**SHIPPED, "edition.yaml": text.encode()}


class Examiner:
    """Finds what it is told to find and remembers what it was asked to compare."""

    def __init__(self, errors: tuple[str, ...] = (), passed: int = 3, failed: tuple[str, ...] = ()) -> None:
        self.errors, self.passed, self.failed = errors, passed, failed
        self.compared: list[tuple[str, str]] = []

    def assess(self, before: Rulebook, after: Rulebook) -> bytes:
        self.compared.append((before.edition.edition, after.edition.edition))
        return f'{{"from": "{before.edition.edition}", "to": "{after.edition.edition}"}}'.encode()

    @property
    def examination(self) -> Examination:
        cases = CasesRun(self.passed, self.failed, hashlib.sha256(b"cases").hexdigest())
        return Examination(lambda _: self.errors, lambda _: cases, self.assess)


def propose(
    wing: Wing, files: Files, author: str = "An", today: date = DAY, examiner: Examiner | None = None
) -> Published:
    return publish(wing, files, author, today, (examiner or Examiner()).examination)


def publish_both(wing: Wing, files: Files, today: date = DAY) -> Published:
    published = propose(wing, files, today=today)
    return approve(wing, published.edition, "Bo", today)


def in_force(wing: Wing, day: date, known_position: int | None = None) -> str | None:
    with transaction(wing.engine) as connection:
        published = store.in_force(connection, day, known_position)
    return published.edition if published else None


def states(wing: Wing, today: date) -> dict[str, str]:
    with transaction(wing.engine) as connection:
        return {line.edition: line.state for line in publications(connection, today)}


def sealed(wing: Wing) -> int:
    with transaction(wing.engine) as connection:
        return seal(connection, log, wing.signer)


def ledger(wing: Wing) -> dict[str, str]:
    with transaction(wing.engine) as connection:
        return content_hashes(connection, [*LEDGER, log.leaves])


@pytest.fixture
def real(settings: Settings, owner_url: str, empty_after: None) -> Iterator[Wing]:
    """The district as deployed, not as demonstrated."""
    declared = {"operator": "o", "role_of_parties": "r", "agreement_reference": "a"}
    deployed = settings.model_copy(update={"deployment": Deployment.DISTRICT, **declared})
    with open_wing(deployed, owner_url, DISTRICT) as wing:
        yield wing


# --- two persons ------------------------------------------------------------------------------------------------------
def test_an_edition_takes_force_once_a_second_person_approves_it(district: Wing) -> None:
    propose(district, SHIPPED)
    assert in_force(district, DAY) is None
    assert states(district, DAY) == {"2026-01": "proposed"}
    approve(district, "2026-01", "Bo", DAY)
    assert in_force(district, DAY) == "2026-01"
    assert states(district, DAY) == {"2026-01": "in_force"}


@pytest.mark.parametrize("approver", ["An Li", "an  li", " AN LI ", "Ａｎ Li"])
def test_the_author_may_not_approve_in_whatever_spelling(district: Wing, approver: str) -> None:
    propose(district, SHIPPED, author="An Li")
    with refused("rulebook.same_person"):
        approve(district, "2026-01", approver, DAY)
    assert in_force(district, DAY) is None


@pytest.mark.parametrize(("author", "approver"), [("An", "an"), ("Bo", "Cy")])
def test_the_database_refuses_one_person_and_a_false_author_too(district: Wing, author: str, approver: str) -> None:
    published = propose(district, SHIPPED, author="An")
    with transaction(district.engine) as connection:
        assessment = store.newest_assessment(connection, published.content_hash)
        assert assessment
        with pytest.raises(IntegrityError, match=r"two_persons|content_hash_author"):
            store.append_approval(
                connection, dataclasses.replace(published, author=author), approver, assessment.assessment_id, DAY
            )


def test_an_act_without_a_name_is_refused(district: Wing) -> None:
    with refused("person.unnamed"):
        propose(district, SHIPPED, author="  ")


def test_nobody_approves_what_was_never_proposed(district: Wing) -> None:
    with refused("rulebook.unknown", NotFoundError):
        approve(district, "2026-01", "Bo", DAY)


# --- what is published ------------------------------------------------------------------------------------------------
def test_an_edition_is_kept_byte_for_byte_under_the_hash_scoring_computes(district: Wing) -> None:
    published = publish_both(district, SHIPPED)
    with transaction(district.engine) as connection:
        assert store.files_of(connection, published.content_hash) == SHIPPED
    assert published.content_hash == load_rulebook_files(SHIPPED).content_hash


def test_other_bytes_under_a_used_name_are_refused(district: Wing) -> None:
    propose(district, SHIPPED)
    before = ledger(district)
    changed = {**SHIPPED, "4_social_contribution.yaml": SHIPPED["4_social_contribution.yaml"] + b"# a comment\n"}
    with refused("rulebook.name_used", ConflictError):
        propose(district, changed)
    assert ledger(district) == before


def test_another_author_of_the_same_bytes_is_refused(district: Wing) -> None:
    propose(district, SHIPPED, author="An")
    with refused("rulebook.other_author", ConflictError):
        propose(district, SHIPPED, author="Cy")


def test_invented_catalogue_ids_are_published_in_demo_mode_only(real: Wing) -> None:
    with refused("rulebook.placeholder"):
        propose(real, SHIPPED)
    propose(real, written("2026-06", DAY, placeholder=False))
    assert approve(real, "2026-06", "Bo", DAY).approved_on == DAY


def test_an_edition_proposed_in_demo_mode_is_not_approved_outside_it(district: Wing, real: Wing) -> None:
    propose(district, SHIPPED)
    with refused("rulebook.placeholder"):
        approve(real, "2026-01", "Bo", DAY)


@pytest.mark.parametrize(
    ("examiner", "code"),
    [
        (Examiner(errors=("edition.yaml:3: gap",)), "rulebook.checks_failed"),
        (Examiner(failed=("case 7",)), "rulebook.cases_failed"),
        (Examiner(passed=0), "rulebook.cases_failed"),
    ],
)
def test_errors_failing_cases_and_no_cases_at_all_are_refused(district: Wing, examiner: Examiner, code: str) -> None:
    with refused(code):
        propose(district, SHIPPED, examiner=examiner)
    assert states(district, DAY) == {}


def test_unreadable_files_are_refused_with_their_findings(district: Wing) -> None:
    with refused("rulebook.unreadable") as found:
        propose(district, {**SHIPPED, "edition.yaml": SHIPPED["edition.yaml"].replace(b"adult_years: 18", b"")})
    assert "edition.yaml:" in found.value.english


# --- the impact assessment --------------------------------------------------------------------------------------------
def test_the_first_edition_says_why_nothing_is_compared_and_how_many_cases_passed(district: Wing) -> None:
    published = propose(district, SHIPPED)
    with transaction(district.engine) as connection:
        assessment = store.newest_assessment(connection, published.content_hash)
    assert assessment
    assert b"first edition: nothing to compare with" in assessment.document
    assert assessment.document_sha256 == hashlib.sha256(assessment.document).hexdigest()
    assert (assessment.replaces, assessment.cases_passed) == (None, 3)


def test_a_later_edition_is_compared_with_the_one_it_replaces(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2027-06", date(2027, 6, 1)))
    examiner = Examiner()
    propose(district, written("2027-01", date(2027, 1, 1)), examiner=examiner)
    propose(district, written("2028-01", date(2028, 1, 1)), examiner=examiner)
    assert examiner.compared == [("2026-01", "2027-01"), ("2027-06", "2028-01")]


def test_an_assessment_brought_along_is_kept_and_nothing_else_is_compared(district: Wing) -> None:
    publish_both(district, SHIPPED)
    examiner = Examiner()
    published = publish(
        district, written("2027-01", date(2027, 1, 1)), "An", DAY, examiner.examination, b'{"by": "hand"}'
    )
    with transaction(district.engine) as connection:
        assessment = store.newest_assessment(connection, published.content_hash)
    assert assessment
    assert assessment.document == b'{"by": "hand"}'
    assert examiner.compared == []


def test_an_assessment_that_is_no_json_is_refused(district: Wing) -> None:
    with refused("rulebook.assessment_unreadable"):
        publish(district, SHIPPED, "An", DAY, Examiner().examination, b"\x89PNG")


def test_an_assessment_of_another_change_is_refused(district: Wing) -> None:
    first = publish_both(district, SHIPPED)
    files = written("2027-01", date(2027, 1, 1))
    about = {"old_hash": first.content_hash, "new_hash": load_rulebook_files(files).content_hash}
    for name in about:
        with refused("rulebook.assessment_of_others"):
            told = json.dumps(about | {name: "0" * 64}).encode()
            publish(district, files, "An", DAY, Examiner().examination, told)
    assert publish(district, files, "An", DAY, Examiner().examination, json.dumps(about).encode())


def test_an_assessment_against_an_edition_that_is_no_longer_the_predecessor_is_refused_until_renewed(
    district: Wing,
) -> None:
    publish_both(district, SHIPPED)
    later = written("2027-06", date(2027, 6, 1))
    propose(district, later)
    publish_both(district, written("2027-01", date(2027, 1, 1)))
    with refused("rulebook.assessment_stale"):
        approve(district, "2027-06", "Bo", DAY)
    propose(district, later)
    assert approve(district, "2027-06", "Bo", DAY).approved_on == DAY


def test_an_edition_written_against_another_one_is_refused(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2026-09", date(2026, 9, 1)))
    files = written("2027-01", date(2027, 1, 1))
    said = files["edition.yaml"].replace(b'edition: "2027-01"', b'edition: "2027-01"\nreplaces: "2026-01"')
    with refused("rulebook.other_predecessor"):
        propose(district, {**files, "edition.yaml": said})


# --- the examination in earnest ---------------------------------------------------------------------------------------
def test_the_static_checks_name_file_and_line(district: Wing) -> None:
    assert static_errors(WHOLE) == []
    broken = {**WHOLE, "edition.yaml": WHOLE["edition.yaml"].replace(b"adult_years: 18", b"adult_years: 14")}
    (error,) = static_errors(broken)
    assert error.startswith("edition.yaml:")


def test_cases_of_a_folder_pass_or_say_where_not(tmp_path: Path) -> None:
    case = "- case: nothing happened\n  index: {2026-06-15: 100}\n"
    (tmp_path / "a.yaml").write_text(case)
    good = filed_cases(tmp_path)(parsed(WHOLE))
    assert (good.passed, list(good.failed)) == (1, [])
    (tmp_path / "a.yaml").write_text(case.replace("100", "101"))
    bad = filed_cases(tmp_path)(parsed(WHOLE))
    assert bad.passed == 0
    assert bad.failed[0].startswith("a.yaml:1")
    assert bad.sha256 != good.sha256


def test_the_shipped_change_is_compared_over_the_population(district: Wing) -> None:
    publish_shipped(district, DAY)
    with transaction(district.engine) as connection:
        old, new = (store.named(connection, edition) for edition in ("2026-01", "2027-01"))
        assert old
        assert new
        assessment = store.newest_assessment(connection, new.content_hash)
    assert assessment
    told = json.loads(assessment.document)
    assert (
        (told["old_hash"], told["new_hash"])
        == (old.content_hash, new.content_hash)
        == (assessment.replaces, told["new_hash"])
    )


# --- days and positions -----------------------------------------------------------------------------------------------
def test_only_the_very_first_edition_may_look_back(district: Wing) -> None:
    publish_both(district, SHIPPED)
    yesterday = DAY - timedelta(days=1)
    with refused("rulebook.too_late"):
        propose(district, written("2026-06", yesterday))
    assert publish_both(district, written("2026-06b", DAY)).approved_on == DAY


def test_an_approval_after_the_effective_date_is_refused(district: Wing) -> None:
    publish_both(district, SHIPPED)
    takes_force = date(2026, 7, 1)
    propose(district, written("2026-07", takes_force))
    with refused("rulebook.too_late"):
        approve(district, "2026-07", "Bo", takes_force + timedelta(days=1))
    assert approve(district, "2026-07", "Bo", takes_force).approved_on == takes_force


def test_an_edition_is_in_force_from_its_first_day_to_the_day_before_the_next(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2027-01", date(2027, 1, 1)))
    assert in_force(district, date(2025, 12, 31)) is None
    assert in_force(district, date(2026, 1, 1)) == "2026-01"
    assert in_force(district, date(2026, 12, 31)) == "2026-01"
    assert in_force(district, date(2027, 1, 1)) == "2027-01"
    assert states(district, DAY) == {"2026-01": "in_force", "2027-01": "approved"}
    assert states(district, date(2027, 1, 1)) == {"2026-01": "superseded", "2027-01": "in_force"}


def test_of_two_editions_with_one_effective_date_the_one_approved_last_stands(district: Wing) -> None:
    publish_both(district, SHIPPED)
    for name in ("2027-01", "2027-01-corrected", "2027-01-again"):
        publish_both(district, written(name, date(2027, 1, 1)))
    assert in_force(district, date(2027, 1, 1)) == "2027-01-again"


def test_an_old_position_knows_neither_what_was_approved_nor_what_was_backed_out_after_it(district: Wing) -> None:
    new_year = date(2027, 1, 1)
    propose(district, SHIPPED)
    proposed = sealed(district)
    approve(district, "2026-01", "Bo", DAY)
    first = sealed(district)
    publish_both(district, written("2027-01", new_year))
    second = sealed(district)
    back_out(district, "2027-01", "Cy", "wrong ladder", new_year)
    third = sealed(district)
    known = [in_force(district, new_year, position) for position in (0, proposed, first, second, third, None)]
    assert known == [None, None, "2026-01", "2027-01", "2026-01", "2026-01"]


def test_what_is_not_sealed_yet_is_known_at_no_position(district: Wing) -> None:
    publish_both(district, SHIPPED)
    assert in_force(district, DAY, 1_000_000) is None
    assert in_force(district, DAY) == "2026-01"
    assert in_force(district, DAY, sealed(district)) == "2026-01"


# --- back-out ---------------------------------------------------------------------------------------------------------
def test_after_a_back_out_the_previous_edition_is_in_force_again_and_history_stays(district: Wing) -> None:
    publish_both(district, SHIPPED)
    backed = publish_both(district, written("2026-07", date(2026, 7, 1)))
    left = back_out(district, "2026-07", "Cy", "a ladder falls the wrong way", date(2026, 7, 20))
    assert (left.backed_out_by, left.back_out_reason) == ("Cy", "a ladder falls the wrong way")
    assert in_force(district, date(2026, 7, 19)) == "2026-07"
    assert in_force(district, date(2026, 7, 20)) == "2026-01"
    assert states(district, date(2026, 7, 20)) == {"2026-01": "in_force", "2026-07": "backed_out"}
    with transaction(district.engine) as connection:
        assert rulebook_by_hash(connection, backed.content_hash).edition.edition == "2026-07"


def test_an_edition_backed_out_before_its_day_never_takes_force(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2027-01", date(2027, 1, 1)))
    back_out(district, "2027-01", "Cy", "second thoughts", DAY)
    assert in_force(district, date(2027, 1, 1)) == "2026-01"


def test_backing_out_twice_in_a_row_leads_two_editions_back(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2026-07", date(2026, 7, 1)))
    publish_both(district, written("2026-08", date(2026, 8, 1)))
    for edition, left in (("2026-07", "2026-08"), ("2026-08", "2026-01")):
        back_out(district, edition, "Cy", "unsound", date(2026, 8, 2))
        assert in_force(district, date(2026, 8, 2)) == left


def test_the_last_edition_stays_until_another_one_can_stand_in(district: Wing) -> None:
    publish_both(district, SHIPPED)
    with refused("rulebook.last"):
        back_out(district, "2026-01", "Cy", "unsound", DAY)
    publish_both(district, written("2026-06", DAY))
    assert back_out(district, "2026-01", "Cy", "unsound", DAY).backed_out_on == DAY


@pytest.mark.parametrize(
    ("edition", "reason", "code"), [("2026-01", " ", "no_reason"), ("2027-01", "x", "not_approved")]
)
def test_a_back_out_needs_a_reason_and_something_to_take_back(
    district: Wing, edition: str, reason: str, code: str
) -> None:
    publish_both(district, SHIPPED)
    propose(district, written("2027-01", date(2027, 1, 1)))
    with refused(f"rulebook.{code}"):
        back_out(district, edition, "Cy", reason, DAY)


def test_what_was_backed_out_does_not_come_back_under_its_name(district: Wing) -> None:
    publish_both(district, SHIPPED)
    files = written("2026-07", date(2026, 7, 1))
    publish_both(district, files)
    back_out(district, "2026-07", "Cy", "unsound", DAY)
    publish_both(district, files)
    assert in_force(district, date(2026, 7, 1)) == "2026-01"


# --- ledgers do not change, and lose nothing --------------------------------------------------------------------------
def test_every_act_done_twice_changes_nothing(district: Wing) -> None:
    later = written("2026-07", date(2026, 7, 1))
    acts: list[Callable[[], Published]] = [
        lambda: propose(district, SHIPPED),
        lambda: approve(district, "2026-01", "Bo", DAY),
        lambda: propose(district, later),
        lambda: approve(district, "2026-07", "Bo", DAY),
        lambda: back_out(district, "2026-07", "Cy", "unsound", DAY),
    ]
    for act in acts:
        once = act()
        before = ledger(district)
        assert act() == once
        assert ledger(district) == before


def test_every_row_has_a_leaf_of_its_own_in_the_log(district: Wing) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2026-07", date(2026, 7, 1)))
    back_out(district, "2026-07", "Cy", "unsound", DAY)
    with transaction(district.engine) as connection:
        leaves = {
            leaf
            for table in (rulebook_editions, rulebook_assessments, rulebook_approvals, rulebook_back_outs)
            for leaf in connection.execute(select(table.c.leaf_id)).scalars()
        }
        written_leaves = set(connection.execute(select(log.leaves.c.leaf_id)).scalars())
    assert leaves == written_leaves
    assert len(leaves) == 7


@pytest.mark.parametrize("table", LEDGER, ids=lambda table: table.name)
@pytest.mark.parametrize("statement", ["UPDATE {} SET content_hash = content_hash", "DELETE FROM {}"])
def test_nobody_changes_or_deletes_a_row(district: Wing, owner: Engine, table: object, statement: str) -> None:
    publish_both(district, SHIPPED)
    publish_both(district, written("2026-07", date(2026, 7, 1)))
    back_out(district, "2026-07", "Cy", "unsound", DAY)
    for engine in (district.engine, owner):
        with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as connection:
            connection.execute(text(statement.format(table)))


def test_a_proposal_outlives_the_end_of_everything_that_made_it(
    settings: Settings, owner_url: str, empty_after: None, owner: Engine
) -> None:
    with open_wing(settings, owner_url, DISTRICT) as wing:
        propose(wing, SHIPPED)
    with open_wing(settings, owner_url, DISTRICT) as wing:
        with pytest.raises(OperationalError):
            approve_and_be_killed(wing, owner)
        assert states(wing, DAY) == {"2026-01": "proposed"}
        assert approve(wing, "2026-01", "Bo", DAY).approver == "Bo"
        assert in_force(wing, DAY) == "2026-01"


def approve_and_be_killed(wing: Wing, owner: Engine) -> None:
    with transaction(wing.engine) as connection:
        published = store.named(connection, "2026-01")
        assert published
        assessment = store.newest_assessment(connection, published.content_hash)
        assert assessment
        store.append_approval(connection, published, "Bo", assessment.assessment_id, DAY)
        pid = connection.execute(select(func.pg_backend_pid())).scalar_one()
        with transaction(owner) as killer:
            killer.execute(select(func.pg_terminate_backend(pid)))
        connection.execute(select(rulebook_approvals))


# --- the demonstration ------------------------------------------------------------------------------------------------
def test_the_demonstration_publishes_what_came_with_the_program_once(district: Wing) -> None:
    assert [each.edition for each in publish_shipped(district, DAY)] == ["2026-01", "2027-01"]
    before = ledger(district)
    assert publish_shipped(district, DAY) == []
    assert ledger(district) == before
    assert states(district, DAY) == {"2026-01": "in_force", "2027-01": "approved"}
    with transaction(district.engine) as connection:
        people = {(line.author, line.approver) for line in publications(connection, DAY)}
    assert people == {("demo-author", "demo-approver")}


def test_outside_the_demonstration_nothing_is_published_by_itself(real: Wing) -> None:
    assert publish_shipped(real, DAY) == []
    assert states(real, DAY) == {}


def test_the_demonstration_goes_on_where_it_was_cut_short(district: Wing) -> None:
    propose(district, WHOLE, author="demo-author")
    assert [each.edition for each in publish_shipped(district, DAY)] == ["2026-01", "2027-01"]


def test_a_shipped_edition_whose_day_has_passed_is_left_alone(district: Wing) -> None:
    assert [each.edition for each in publish_shipped(district, date(2027, 2, 1))] == ["2026-01"]


def test_what_a_visitor_proposed_or_put_before_it_is_left_to_the_visitor(district: Wing) -> None:
    propose(district, WHOLE, author="visitor")
    assert publish_shipped(district, DAY) == []
    approve(district, "2026-01", "friend", DAY)
    publish_both(district, written("2026-09", date(2026, 9, 1)))
    assert publish_shipped(district, DAY) == []


# --- reading ----------------------------------------------------------------------------------------------------------
def test_a_day_without_an_edition_says_so_and_what_to_do(district: Wing) -> None:
    with transaction(district.engine) as connection, refused("rulebook.none_in_force", NotFoundError) as missing:
        rulebook_in_force(connection, DAY)
    assert "haixia rulebook publish" in missing.value.remedy


def test_the_rulebook_in_force_is_the_published_one_read_once(district: Wing) -> None:
    publish_both(district, written("2026-06", date(2026, 2, 1)))
    with transaction(district.engine) as connection:
        rulebook = rulebook_in_force(connection, DAY)
        assert rulebook.edition.effective_from == date(2026, 2, 1)
        assert rulebook_in_force(connection, DAY) is rulebook
        assert rulebook_of(connection, "2026-06") is rulebook


def test_bytes_altered_behind_the_ledger_are_found_when_read(district: Wing, owner: Engine) -> None:
    published = publish_both(district, SHIPPED)
    forged = published.content_hash[::-1]
    with transaction(owner) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(update(rulebook_files).values(content_hash=forged))
    with transaction(district.engine) as connection, refused("rulebook.altered", ConflictError):
        rulebook_by_hash(connection, forged)


def test_an_index_older_than_the_ledger_is_told_by_the_edition_that_came_with_the_program(district: Wing) -> None:
    with transaction(district.engine) as connection:
        assert rulebook_of(connection, "2026-01").content_hash == load_rulebook_files(WHOLE).content_hash
