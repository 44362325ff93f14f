"""The contracts say what was agreed with each source, and say it completely."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import loan_service.district
from loan_service.district.contracts import CONTRACTS, FEEDS, REGISTERS, describe
from loan_service.district.contracts.banned import BANNED, rule_of
from loan_service.district.contracts.declared import NEGATIVE_COLUMNS, Consent, Contract, RecordClass, Subject
from loan_service.district.contracts.defects import defects
from scoring import EVENT_TYPES

PAPERS = "文书类型,文书号,生效日期,目录编号,告知日期"
PAPERS_EN = "document_class,document_no,effective_from,catalogue_item,notice_served_on,related_record_no"
AGREED = {
    "municipal_credit": (
        "CSV, GB18030",
        f"记录编号,类别,身份证号,姓名,统一社会信用代码,单位名称,发生日期,等级,{PAPERS},关联记录编号",
    ),
    "district_grid": (
        "JSON Lines, UTF-8",
        f"record_no,kind,uscc,entity_name,id_number,name,ordered_on,deadline_on,verified_on,{PAPERS_EN}",
    ),
    "permit_commitments": (
        "XLSX",
        f"记录编号,类别,身份证号,姓名,统一社会信用代码,单位名称,发生日期,{PAPERS},关联记录编号",
    ),
    "ebike_control": ("CSV, UTF-8 with BOM", f"记录编号,类别,身份证号,姓名,发生日期,{PAPERS},关联记录编号"),
    "neighborhood_points": ("CSV, GB18030", "记录编号,类别,身份证号,姓名,村社代码,季度,积分,每分所需积分"),
    "grassroots_platforms": (
        "JSON Lines, UTF-8",
        f"record_no,kind,id_number,name,uscc,entity_name,occurred_on,deadline_on,verified_on,{PAPERS_EN}",
    ),
    "court_litigation": (
        "XLSX",
        f"记录编号,类别,身份证号,姓名,统一社会信用代码,单位名称,角色,发生日期,{PAPERS},关联记录编号",
    ),
    "volunteering": ("CSV, UTF-8", "记录编号,身份证号,姓名,活动名称,签到时间,签退时间"),
    "household_hygiene": ("XLSX", "记录编号,户号,村社代码,检查日期,星级,检查员甲,检查员乙"),
    "village_compact": (
        "JSON Lines, UTF-8",
        "record_no,kind,household_no,id_number,name,village_code,quarter,month,panel_points,panellists,confirmed_by",
    ),
    "self_discipline": ("CSV, GB18030", "记录编号,身份证号,姓名,合同类别,季度,结果,违约文书号"),
    "resident_register": (
        "CSV, UTF-8",
        "身份证号,姓名,性别,户号,与户主关系,村社代码,入户日期,离户日期,离户原因,有监护",
    ),
    "legal_representatives": ("CSV, GB18030", "统一社会信用代码,单位名称,身份证号,姓名,任职日期,离任日期"),
    "consents": (
        "JSON Lines, UTF-8",
        "act_no,id_number,name,act,purpose,source_code,recipient,text_version,acted_at,channel,binding_token",
    ),
}
CLASSES = [(contract, each) for contract in CONTRACTS.values() for each in contract.record_classes]


def test_there_are_eleven_feeds_two_registers_and_the_consents() -> None:
    assert (len(FEEDS), len(REGISTERS), len(CONTRACTS)) == (11, 2, 14)
    assert set(CONTRACTS) == set(AGREED)


@pytest.mark.parametrize("source_code", AGREED)
def test_each_source_writes_the_agreed_format_and_columns(source_code: str) -> None:
    file_format, columns = AGREED[source_code]
    contract = CONTRACTS[source_code]
    assert contract.file_format.value == file_format
    assert ",".join(column.header for column in contract.columns) == columns


def test_every_kind_of_event_scoring_knows_comes_from_some_class_and_no_other() -> None:
    assert {each.event_type for _, each in CLASSES} == EVENT_TYPES


@pytest.mark.parametrize(("contract", "each"), CLASSES, ids=lambda x: getattr(x, "source_code", getattr(x, "name", "")))
def test_a_class_has_a_legal_basis_and_both_languages(contract: Contract, each: RecordClass) -> None:
    assert each.legal_basis
    assert each.chinese
    assert each.english
    assert not each.name or contract.class_column


def test_what_is_voluntary_only_adds_and_rests_on_consent() -> None:
    for _, each in CLASSES:
        if each.admissibility == "C":
            assert not each.negative
            assert each.consent is not Consent.NONE or each.subject is Subject.VILLAGE
        else:
            assert each.consent is Consent.NONE


def test_sources_with_consent_of_their_own_are_those_a_person_can_consent_to() -> None:
    choices = CONTRACTS["consents"].column_of["source_code"].choices
    assert {contract.source_code for contract, each in CLASSES if each.consent is Consent.SOURCE} == set(choices)


def test_whoever_delivers_negatives_delivers_their_papers() -> None:
    for contract, each in CLASSES:
        if each.negative:
            assert set(NEGATIVE_COLUMNS) <= set(contract.column_of)


def test_identity_numbers_names_and_tokens_are_declared_personal_everywhere() -> None:
    private = {"id_number", "name", "binding_token", "inspector_one", "inspector_two", "confirmed_by"}
    for contract in CONTRACTS.values():
        assert {c.field for c in contract.columns if c.personal} == private & set(contract.column_of)


def test_a_voluntary_class_that_deducts_is_refused() -> None:
    with pytest.raises(ValidationError, match="plus-only"):
        RecordClass(
            chinese="x",
            english="x",
            event_type="x",
            admissibility="C",
            legal_basis="x",
            consent=Consent.SOURCE,
            negative=True,
        )


def test_a_class_that_names_an_undeclared_column_is_refused() -> None:
    contract = CONTRACTS["volunteering"]
    wrong = contract.record_classes[0].model_copy(update={"occurred": "someday"})
    with pytest.raises(ValidationError, match="someday"):
        Contract.model_validate(contract.model_dump() | {"record_classes": [wrong.model_dump()]})


def test_a_class_that_may_happen_in_the_future_is_refused() -> None:
    contract = CONTRACTS["district_grid"]
    wrong = contract.record_classes[0].model_copy(update={"occurred": "due_on"})
    with pytest.raises(ValidationError, match="must lie in the past"):
        Contract.model_validate(contract.model_dump() | {"record_classes": [wrong.model_dump()]})


def test_the_table_for_people_has_a_line_for_every_class() -> None:
    lines = describe(CONTRACTS.values())
    assert len(lines) == len(CLASSES) + len(REGISTERS) + 1
    assert all(line.legal_basis and line.meaning and line.columns for line in lines)


def test_whatever_deducts_can_be_appealed_revoked_and_corrected_in_its_own_source() -> None:
    for contract in FEEDS:
        deductions = {each.event_type for each in contract.record_classes if each.negative}
        about = {each.event_type: set(each.about) for each in contract.record_classes}
        assert about.get("appeal_opened", set()) == deductions
        assert about.get("appeal_closed", set()) == ({"appeal_opened"} if deductions else set())
        assert ("revocation" in about) == bool(deductions)
        assert deductions <= contract.correctable


def test_a_source_that_only_adds_knows_no_appeals() -> None:
    plus_only = {contract.source_code for contract in FEEDS if not any(e.negative for e in contract.record_classes)}
    assert plus_only >= {"volunteering", "household_hygiene", "village_compact", "self_discipline"}
    assert all(not CONTRACTS[source].may_name for source in plus_only)


def test_an_appeal_against_an_award_is_refused() -> None:
    contract = CONTRACTS["municipal_credit"]
    wrong = [each.model_copy(update={"about": ("civil_honour",)}) for each in contract.record_classes if each.about]
    classes = [each.model_dump() for each in (*contract.record_classes, wrong[0])]
    with pytest.raises(ValidationError, match="cannot be about"):
        Contract.model_validate(contract.model_dump() | {"record_classes": classes})


def test_an_appeal_fills_no_column_that_could_hold_a_reason() -> None:
    for contract, each in CLASSES:
        if each.event_type in ("appeal_opened", "appeal_closed"):
            ground = {each.level.column} - {""}
            filled = set(contract.column_of) - set(contract.unexpected(each))
            allowed = {"record_no", "record_class", "id_number", "name", "uscc", "entity_name", "related_record_no"}
            assert filled - allowed == {"effective_from"} | ground


# --- defects and bans -------------------------------------------------------------------------------------------------
def test_every_defect_the_code_can_name_is_explained_with_a_remedy() -> None:
    package = Path(loan_service.district.__file__).parent
    code = re.compile(
        r'"((?:file|row|value|number|date|period|person|entity|household|subject|record_class|record'
        r'|negative|reference|witnesses|representative|consent)\.[a-z_]+)"'
    )
    sources = [
        *package.glob("*.py"),
        *package.glob("contracts/*.py"),
        *package.glob("files/*.py"),
        *package.glob("stages/*.py"),
    ]
    named = {found for path in sources for found in code.findall(path.read_text())}
    assert named | {"file.missing"} == set(defects())
    assert all(defect.zh and defect.en and defect.remedy for defect in defects().values())


def test_nothing_scoring_uses_is_on_the_never_list() -> None:
    for _, each in CLASSES:
        assert rule_of([each.name, each.chinese]) == ""


def test_every_ban_has_words_and_a_reason() -> None:
    assert {subject.rule for subject in BANNED} >= {"public_security", "petitioning", "religion", "health", "speech"}
    assert all(subject.words and subject.legal_basis for subject in BANNED)
