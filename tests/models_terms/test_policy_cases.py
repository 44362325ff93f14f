from datetime import date
from pathlib import Path

import pytest

from models.policy_case_coverage import not_asked, policy_coverage
from models.policy_case_files import cases_sha256, load_policy_cases
from models.policy_cases import FiledCase, cases_of, run_policy_cases
from models.policy_loader import PolicyEdition, load_policy
from models.terms_errors import BrokenPolicyError, CasesMissingError

CASES = Path(__file__).parents[1] / "policy_cases"
DAY = date(2026, 6, 15)
BANKS = ("island_rural", "harbour_city", "coast_village")
ONE = """bank_code: island_rural
cases:
  - case: 工薪户
    day: 2026-06-15
    probability: 0.012
    expected: {decision: offer, limit: 112000}
"""


@pytest.fixture(scope="module")
def filed() -> tuple[FiledCase, ...]:
    return load_policy_cases(CASES)


@pytest.fixture(scope="module", params=BANKS)
def edition(request: pytest.FixtureRequest) -> PolicyEdition:
    return load_policy(request.param, DAY)


def test_every_shipped_policy_answers_as_its_owners_wrote(filed: tuple[FiledCase, ...], edition: PolicyEdition) -> None:
    cases = cases_of(filed, edition.policy)
    assert len(cases) > 100
    assert [str(one) for one in run_policy_cases(cases, edition.policy, edition.lpr)] == []


def test_no_value_of_a_shipped_policy_could_change_unnoticed(
    filed: tuple[FiledCase, ...], edition: PolicyEdition
) -> None:
    facets = policy_coverage(cases_of(filed, edition.policy), edition.policy, edition.lpr)
    assert len(facets) > 100
    assert [str(facet) for facet in not_asked(facets)] == []


def one_case(folder: Path, told: str = ONE) -> tuple[FiledCase, ...]:
    (folder / "one.yaml").write_text(told, "utf-8")
    return load_policy_cases(folder)


def test_a_wrong_answer_is_told_with_file_line_and_both_answers(tmp_path: Path) -> None:
    edition = load_policy("island_rural", DAY)
    cases = one_case(tmp_path, ONE.replace("112000", "113000"))
    [mismatch] = run_policy_cases(cases, edition.policy, edition.lpr)
    assert str(mismatch) == "one.yaml:3 「工薪户」 2026-06 limit: 应为 / expected 113000, 实为 / found 112000.0"


def test_what_a_single_case_does_not_ask_about_is_named(tmp_path: Path) -> None:
    edition = load_policy("island_rural", DAY)
    lacking = {facet.place for facet in not_asked(policy_coverage(one_case(tmp_path), edition.policy, edition.lpr))}
    assert "bands.R5.spread_bp" in lacking
    assert "sectors.fishery.stress_milli" in lacking
    assert "bands.R3.income_multiple_milli" not in lacking
    assert "bands.R3.spread_bp" in lacking  # its rate is shown, but not asked about


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("probability: 0.012", "probability: 1.2", 5),
        ("expected: {decision: offer", "expected: {decision: perhaps", 6),
        ("day: 2026-06-15", "dya: 2026-06-15", 4),
    ],
)
def test_a_case_of_the_wrong_shape_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    with pytest.raises(BrokenPolicyError, match=rf"one\.yaml:{line}:"):
        one_case(tmp_path, ONE.replace(old, new))


def test_a_folder_without_cases_is_named(tmp_path: Path) -> None:
    with pytest.raises(CasesMissingError, match="no policy cases"):
        load_policy_cases(tmp_path)


def test_a_case_may_hold_for_some_editions_only(tmp_path: Path) -> None:
    policy = load_policy("island_rural", DAY).policy
    told = ONE + '    editions: ["2027-01"]\n'
    assert cases_of(one_case(tmp_path, told), policy) == []
    assert len(cases_of(one_case(tmp_path), policy)) == 1


def test_other_cases_have_another_digest(tmp_path: Path) -> None:
    one_case(tmp_path)
    before = cases_sha256(tmp_path)
    one_case(tmp_path, ONE.replace("112000", "113000"))
    assert cases_sha256(tmp_path) != before
