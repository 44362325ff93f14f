"""One broken file per way to be wrong: each names its error with file, line, value and remedy."""

import re
from datetime import date
from pathlib import Path

import pytest

from models.dated import Frozen
from models.policy_loader import POLICIES, PolicyFile, load_policy, read_as
from models.terms_errors import BrokenPolicyError

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken_policies").glob("*.yaml"))


def _expected(path: Path) -> tuple[str, int]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if found := re.search(r"# expect: (\w+)", line):
            return found[1], number
    raise AssertionError(f"{path.name} does not say what to expect")


def _load(path: Path, day: date) -> None:
    if path.name.startswith("lpr_"):
        load_policy("plain", day, folder=HERE / "policies", lpr_path=path)
    else:
        load_policy(path.stem, day, folder=path.parent, lpr_path=POLICIES / "lpr.yaml")


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_gives_its_named_error_at_its_line(path: Path, day: date) -> None:
    name, line = _expected(path)
    with pytest.raises(BrokenPolicyError) as broken:
        _load(path, day)
    assert [(type(error).__name__, error.line) for error in broken.value.errors] == [(name, line)]
    error = broken.value.errors[0]
    assert Path(error.file) == path
    assert error.problem.zh in str(error)
    assert error.remedy.en in str(error)
    assert repr(error.value) in str(error)


def test_every_policy_error_has_a_broken_file() -> None:
    from models import terms_errors

    leaves = {
        name
        for name, kind in vars(terms_errors).items()
        if isinstance(kind, type)
        and issubclass(kind, terms_errors.PolicyError)
        and kind is not terms_errors.PolicyError
    }
    of_a_folder = {"CasesMissingError"}
    assert {_expected(path)[0] for path in BROKEN} == leaves - of_a_folder


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path, day: date) -> None:
    text = (HERE / "policies/plain.yaml").read_text(encoding="utf-8")
    text = text.replace("spread_bp: 300", "spread_bp: 100").replace("limit_bonus_milli: 400", "limit_bonus_milli: -1")
    (tmp_path / "plain.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenPolicyError) as broken:
        load_policy("plain", day, folder=tmp_path, lpr_path=POLICIES / "lpr.yaml")
    assert {type(error).__name__ for error in broken.value.errors} == {
        "BandOrderError",
        "NegativeBonusError",
    }


class Bands(Frozen):
    """Two tables that share their keys."""

    low: dict[str, int]
    mid: dict[str, int]


def test_a_key_beside_a_merged_one_is_no_duplicate() -> None:
    text = b"low: &low {spread: 200, months: 12}\nmid: {<<: *low, spread: 300}\n"
    read, lines = read_as(PolicyFile("bands.yaml", text), Bands)
    assert read.mid == {"spread": 300, "months": 12}
    assert lines["mid", "spread"] == 2


@pytest.mark.parametrize("text", [b"? [a, b]\n: 1\n", b"? {a: b}\n: 1\n"])
def test_a_key_that_is_no_word_is_a_fault_with_its_line(text: bytes) -> None:
    with pytest.raises(BrokenPolicyError) as broken:
        read_as(PolicyFile("bands.yaml", text), Bands)
    assert [(type(error).__name__, error.line) for error in broken.value.errors] == [("PolicySyntaxError", 1)]


def test_a_missing_field_is_named_at_the_place_that_lacks_it(tmp_path: Path, day: date) -> None:
    text = (HERE / "policies/plain.yaml").read_text(encoding="utf-8").replace(", gap_cap_bp: 40", "")
    (tmp_path / "plain.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenPolicyError, match=r"plain.yaml:\d+: WrongShapeError: .*gap_cap_bp"):
        load_policy("plain", day, folder=tmp_path, lpr_path=POLICIES / "lpr.yaml")
