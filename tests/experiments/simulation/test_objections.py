"""Appeals and corrections: as many as declared, answered in time, told by rows that are added and by nothing else."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from experiments.simulation import Behaviour, District, SimulationConfig, fates, simulate, write_simulation
from experiments.simulation.__main__ import app
from experiments.simulation.archetypes import ARCHETYPES
from experiments.simulation.arrays import NEVER, NONE
from experiments.simulation.defects import draw_strangers
from experiments.simulation.objections import OUT_OF_OFFICE, REJECTED
from experiments.simulation.registers import representatives, terms_put_right
from loan_service.district.contracts import CONTRACTS

Delivered: TypeAlias = Callable[[str], list[dict[str, Any]]]
RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]

SEED, SCALE = 6, 0.05
QUIET = {
    "appeal_share": 0.0,
    "pending": 0,
    "pending_representatives": 0,
    "correction_share": 0.0,
    "corrections_shown": 0,
}
LOUD = {"appeal_share": 0.5, "correction_share": 0.6}
SOURCES = ["municipal_credit", "court_litigation", "permit_commitments", "ebike_control", "district_grid"]
SOURCES.append("grassroots_platforms")


def with_rates(config: SimulationConfig, rates: dict[str, float]) -> SimulationConfig:
    return config.model_copy(update={"objections": config.objections.model_copy(update=rates)})


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, config: SimulationConfig, behaviour: Behaviour) -> Path:
    """The same district written without a single objection."""
    folder = tmp_path_factory.mktemp("quiet")
    write_simulation(with_rates(config, QUIET), behaviour, SEED, folder, SCALE)
    return folder


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory, config: SimulationConfig, behaviour: Behaviour) -> Path:
    """The same district written with an objection against nearly everything."""
    folder = tmp_path_factory.mktemp("loud")
    write_simulation(with_rates(config, LOUD), behaviour, SEED, folder, SCALE)
    return folder


def living(district: District) -> Any:
    return district.enrolment.live & (district.world.persons.left_on == NEVER)


def pending_of_enrolled(district: District) -> Any:
    appeals = district.objections.appeals
    return appeals.about[appeals.pending & living(district)[district.objections.deductions.person[appeals.about]]]


# --- how many, and when -----------------------------------------------------------------------------------------------
def test_one_to_two_in_a_hundred_deductions_are_appealed_and_a_quarter_of_the_appeals_upheld(full: District) -> None:
    appeals, deductions = full.objections.appeals, full.objections.deductions
    assert 0.01 < len(appeals.about) / deductions.count < 0.02
    answered = ~appeals.pending
    assert (appeals.outcome[answered] != REJECTED).mean() == pytest.approx(0.25, abs=0.06)
    assert (appeals.outcome[appeals.pending] == NONE).all()


def test_every_answer_comes_within_twenty_days(full: District, config: SimulationConfig) -> None:
    appeals, end = full.objections.appeals, config.history.end_day
    days = np.minimum(appeals.closed_on, end) - appeals.opened_on
    assert (days >= 1).all()
    assert (days <= 20).all()
    assert (appeals.opened_on >= full.objections.deductions.known[appeals.about]).all()
    assert (appeals.opened_on < end).all()


def test_a_handful_of_the_enrolled_wait_for_an_answer_on_the_demo_day(full: District) -> None:
    about = pending_of_enrolled(full)
    assert 10 <= len(about) <= 60
    through_units = full.objections.deductions.entity[about] != NONE
    assert through_units.sum() >= 3
    assert (~through_units).sum() >= 5


@pytest.mark.parametrize("scale", [0.05, 0.01])
def test_even_a_small_district_shows_one(scale: float, config: SimulationConfig) -> None:
    small = simulate(config, 6, scale)
    about = pending_of_enrolled(small)
    assert len(about) >= 1
    assert (small.objections.deductions.until[about] > config.history.end_day).any()


def test_a_few_say_they_were_representatives_in_name_only(full: District) -> None:
    objections = full.objections
    disputes = objections.appeals.not_representative
    assert 5 < (disputes & objections.against_units).sum() < 60
    assert 0 < (disputes & ~objections.against_units).mean() < 0.15


def test_two_in_a_thousand_records_are_corrected(full: District) -> None:
    corrected = full.objections.corrections.about
    assert len(corrected) / full.objections.deductions.count == pytest.approx(0.002, abs=0.0008)


def test_a_record_is_objected_to_once(config: SimulationConfig) -> None:
    objections = simulate(with_rates(config, LOUD), SEED, SCALE).objections
    about = np.r_[objections.corrections.about, objections.appeals.about]
    assert len(np.unique(about)) == len(about) > 500


def test_whoever_appeals_is_the_person_the_deduction_reaches_and_is_there(full: District) -> None:
    objections, persons = full.objections, full.world.persons
    rows, appeals = objections.deductions, objections.appeals
    person = rows.person[appeals.about]
    assert (person != NONE).all()
    assert (appeals.opened_on < persons.left_on[person]).all()
    units = objections.against_units
    in_office = full.entities.in_office(rows.entity[appeals.about[units]], rows.day[appeals.about[units]])
    assert np.array_equal(person[units], in_office)


def test_who_proved_to_have_left_office_is_out_of_it_in_the_register(full: District, config: SimulationConfig) -> None:
    objections, terms = full.objections, full.entities.terms
    strangers = draw_strangers(np.random.default_rng(0), int((terms.person == NONE).sum()), config.history.end_day)
    table = representatives(full.world, full.entities, strangers)
    right = terms_put_right(table, full.entities, objections).to_pylist()
    upheld = np.flatnonzero(objections.appeals.outcome == OUT_OF_OFFICE)
    assert 0 < len(right) <= len(upheld)
    day = dt.date(1970, 1, 1)
    for about in objections.appeals.about[upheld]:
        code = full.entities.code[int(objections.deductions.entity[about])].as_py()
        (row,) = [row for row in right if row["统一社会信用代码"] == code]
        assert row["任职日期"] <= row["离任日期"]
        assert row["离任日期"] <= day + dt.timedelta(int(objections.deductions.day[about]))


# --- added rows and nothing else --------------------------------------------------------------------------------------
def test_objections_add_rows_and_change_no_other_byte(loud: Path, quiet: Path, rows_of: RowsOf) -> None:
    more = Counter[str]()
    for before in sorted(path for path in quiet.rglob("*") if path.is_file() and path.parent.name != "truth"):
        after = loud / before.relative_to(quiet)
        if after.read_bytes() != before.read_bytes():
            more.update(_added(before, after, rows_of))
    assert set(more) <= {"appeal_opened", "appeal_closed", "revoked", "申诉受理", "申诉办结", "撤销", "correction"}
    assert min(more[kind] for kind in ("申诉受理", "申诉办结", "撤销", "appeal_opened", "correction")) > 0


def _added(before: Path, after: Path, rows_of: RowsOf) -> list[str]:
    """Classes of the rows one file has and the other lacks; in all else they are the same, in the same order."""
    if before.suffix != ".xlsx":
        old_lines = before.read_bytes().splitlines()
        assert [line for line in after.read_bytes().splitlines() if line in set(old_lines)] == old_lines
    old, new = rows_of(before), rows_of(after)
    assert [row for row in new if row in old] == old
    return [_said(row) for row in new if row not in old]


def _said(row: dict[str, Any]) -> str:
    kind = str(row.get("类别") or row.get("kind"))
    about = row.get("关联记录编号") or row.get("related_record_no")
    assert about
    return kind if kind in ("申诉受理", "申诉办结", "撤销") or kind.startswith(("appeal", "revoked")) else "correction"


def test_the_truth_differs_in_whom_it_tells_apart_only(loud: Path, quiet: Path) -> None:
    for path in sorted((quiet / "truth").glob("*.parquet")):
        before, after = pq.read_table(path), pq.read_table(loud / "truth" / path.name)
        if path.name == "persons.parquet":
            before, after = before.drop_columns("archetype"), after.drop_columns("archetype")
        assert before.equals(after) == (path.name != "objections.parquet"), path.name


# --- how agencies write it --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def said(loud: Path, rows_of: RowsOf) -> Callable[[str], list[dict[str, Any]]]:
    """What a source delivered in its sound files, without the rows in which something was spoilt."""
    spoilt = set(pq.read_table(loud / "truth" / "defects.parquet")["record_no"].to_pylist())

    def of_source(source: str) -> list[dict[str, Any]]:
        paths = sorted(path for path in (loud / "district").glob(f"{source}_2*") if "_20260614_02" not in path.name)
        return [row for path in paths for row in rows_of(path) if _named(row)[0] not in spoilt]

    return of_source


def _named(row: dict[str, Any]) -> tuple[str, str, str]:
    """Number, class and reference of a row in either language."""
    number, kind, about = (
        row[chinese if chinese in row else english] or ""
        for chinese, english in (("记录编号", "record_no"), ("类别", "kind"), ("关联记录编号", "related_record_no"))
    )
    return number, kind, about


@pytest.mark.parametrize("source", SOURCES)
def test_every_objection_names_a_delivered_record_it_can_be_about(source: str, said: Delivered) -> None:
    contract = CONTRACTS[source]
    kinds = {each.name: each.event_type for each in contract.record_classes}
    rows = {row[0]: row for row in map(_named, said(source))}
    checked = Counter[str]()
    for _, kind, about in rows.values():
        if about in rows and kinds.get(kind, "") in contract.may_name:
            checked[kinds[kind]] += 1
            assert kinds[rows[about][1]] in contract.may_name[kinds[kind]]
    if source != "grassroots_platforms":
        assert {"appeal_opened", "appeal_closed"} < set(checked)


def test_an_appeal_says_who_against_what_and_on_which_ground_and_nothing_more(said: Delivered) -> None:
    rows = [row for source in SOURCES[:4] for row in said(source) if row["类别"] == "申诉受理"]
    subject = {"身份证号", "姓名", "统一社会信用代码", "单位名称"}
    filled = {"记录编号", "类别", "文书类型", "生效日期", "关联记录编号"}
    assert {name for row in rows for name, value in row.items() if value} - subject == filled
    assert {row["文书类型"] for row in rows} == {"申诉受理通知书（一般）", "申诉受理通知书（非本人或已离任）"}


@pytest.mark.parametrize("source", SOURCES[:5])
def test_a_correction_repeats_the_record_and_puts_one_thing_right(source: str, said: Delivered) -> None:
    negative = {each.name for each in CONTRACTS[source].record_classes if each.negative}
    first = {_named(row)[0]: row for row in reversed(said(source))}
    put_right = Counter[str]()
    for row in first.values():
        _, kind, about = _named(row)
        if kind in negative and about in first:
            changed = {name for name, value in row.items() if value != first[about][name]}
            (thing,) = changed - {"记录编号", "关联记录编号", "record_no", "related_record_no"}
            put_right[thing] += 1
    things = {"municipal_credit": {"等级", "发生日期"}, "district_grid": {"deadline_on"}}
    assert set(put_right) == things.get(source, {"发生日期"})


# --- people of different fate -----------------------------------------------------------------------------------------
@pytest.mark.usefixtures("written")
def test_somebody_of_every_fate_can_be_named(folder: Path) -> None:
    persons = {row["id_number"]: row for row in pq.read_table(folder / "truth" / "persons.parquet").to_pylist()}
    found = fates(folder, each=2)
    assert {fate for fate, _ in found} == set(ARCHETYPES) - {"ordinary"}
    assert max(Counter(fate for fate, _ in found).values()) == 2
    for fate, number in found:
        assert persons[number]["archetype"] == fate
        assert persons[number]["enrolled_on"] is not None
        assert (persons[number]["withdrawn_on"] is not None) == (fate == "withdrawn_consent")


@pytest.mark.usefixtures("written")
def test_the_pending_appeal_shown_is_one_against_a_deduction_that_stands(folder: Path) -> None:
    objections = pq.read_table(folder / "truth" / "objections.parquet").to_pylist()
    shown = dict(fates(folder))
    for fate in ("pending_appeal", "nominal_representative"):
        (appeal,) = [row for row in objections if row["id_number"] == shown[fate] and row["until_on"] is None]
        assert (appeal["kind"], appeal["stands_on_demo_day"]) == ("appeal", True)
        assert appeal["not_representative"] == (fate == "nominal_representative")


@pytest.mark.usefixtures("written")
def test_the_command_prints_a_fate_and_an_identity_number_a_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "seed-6-scale-0.02").symlink_to(folder)
    result = CliRunner().invoke(app, ["fates", "--data-dir", str(tmp_path)])
    assert result.exit_code == 0, result.output
    lines = [tuple(line.split("\t")) for line in result.output.splitlines()]
    assert lines == [tuple(fate) for fate in fates(folder)]


def test_without_a_truth_there_is_nobody_to_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="truth"):
        fates(tmp_path)
