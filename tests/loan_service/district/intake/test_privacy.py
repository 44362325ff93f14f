"""No identity number, no person's name and no token is anywhere in the district's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import cast, func, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Text

from loan_service.foundation.database import DISTRICT, transaction
from loan_service.schema import all_metadata

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

TOKEN = "fedcba9876543210" * 2
TABLES = [table for table in all_metadata().sorted_tables if table.schema == DISTRICT]


def deliver_all_kinds(office: Office) -> list[str]:
    """Good, wrong, banned and withheld rows of every source, and the secrets in them."""
    people = (office.chen, office.lin, office.wang)
    sources = ("volunteering", "household_hygiene", "neighborhood_points", "village_compact", "self_discipline")
    office.consents(
        *(office.consent(office.chen, purpose) for purpose in ("enrolment", *sources)),
        office.consent(office.lin, "provide_certificate", recipient="island_rural", binding_token=TOKEN),
        office.consent(office.stranger, "enrolment"),
    )
    office.deliver(
        "legal_representatives", [office.term(office.lin), office.term(office.stranger, office.credit_code(2))]
    )
    office.deliver(
        "ebike_control", [office.violation(p, f"DD{n}")[1] for n, p in enumerate((*people, office.stranger))]
    )
    office.deliver("ebike_control", [office.violation(office.chen, "DD9")[1] | {"姓名": "冒名者"}], number=2)
    office.deliver("municipal_credit", [office.penalty(office.chen)[1], office.penalty(office.lin, 类别="治安处罚")[1]])
    office.deliver("volunteering", [office.session(p, f"ZY{n}")[1] for n, p in enumerate(people)])
    office.deliver("neighborhood_points", [office.points(office.chen)[1], office.points(office.chen, 积分="1,5")[1]])
    office.deliver("household_hygiene", [office.inspection(office.chen, 检查员甲="张检查", 检查员乙="李检查")[1]])
    office.deliver("district_grid", [office.hazard(id_number=office.chen.number, name=office.chen.name)[1]])
    aid = {
        "record_no": "CG1",
        "kind": "mutual_aid",
        "village_code": "V001",
        "month": "2026-03",
        "confirmed_by": "受助者甲",
    }
    office.deliver("village_compact", [aid | {"id_number": office.chen.number, "name": office.chen.name}])
    secrets = [secret for p in (*people, office.child, office.stranger) for secret in (p.number, p.name)]
    return [*secrets, TOKEN, "冒名者", "张检查", "李检查", "受助者甲", office.wang.name.replace("·", "")]


@pytest.mark.filterwarnings("error")
def test_no_text_of_any_table_holds_an_identity_number_a_name_or_a_token(office: Office) -> None:
    secrets = deliver_all_kinds(office)
    summary = office.load()
    assert summary.rows_landed > len(secrets) // 2
    with transaction(office.wing.engine) as connection:
        for table in TABLES:
            columns = [c for c in table.columns if isinstance(c.type, Text | JSONB)]
            for column in columns:
                for secret in secrets:
                    hits = connection.execute(
                        select(func.count()).select_from(table).where(cast(column, Text).contains(secret))
                    ).scalar_one()
                    assert hits == 0, f"{table.name}.{column.name} holds {secret}"
        assert connection.execute(sql("SELECT count(*) FROM district.source_records")).scalar_one() > 0


def test_without_the_wings_key_nobody_can_test_a_guess(office: Office) -> None:
    from loan_service.foundation.identifiers import blind_id

    assert blind_id(b"another key", "person", office.chen.number) != office.person_id(office.chen)
