import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, insert, select

from loan_service.certificate import Delivery, DeliveryResult, ItemResult, certificate_id, check
from loan_service.district.stages.certificates import deliver, issue
from loan_service.district.store.tables import (
    certificate_deliveries,
    certificate_revocations,
    civility_indices,
    consent_acts,
    index_certificates,
    index_endings,
    point_entries,
)
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.wing import Wing
from loan_service.schema import all_metadata

DAY = date(2026, 6, 15)
BANK = "island_rural"


class Node:
    """A bank's node that really listens, checks what it gets and remembers it."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key
        self.seen: list[str] = []
        self.client = httpx.Client()

    def take(self, body: bytes) -> DeliveryResult:
        delivery = Delivery.model_validate_json(body)
        results = []
        for kind, items in (("certificate", delivery.certificates), ("revocation", delivery.revocations)):
            for item in items:
                check(item.body, item.proof, self.public_key)
                name = certificate_id(item.body) if kind == "certificate" else item.body.certificate_id
                outcome = "duplicate" if name + kind in self.seen else "accepted"
                self.seen.append(name + kind)
                results.append(ItemResult(certificate_id=name, kind=kind, result=outcome))
        return DeliveryResult(results=tuple(results))


@contextmanager
def listening(node: Node) -> Iterator[Node]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = node.take(self.rfile.read(int(self.headers["Content-Length"]))).model_dump_json().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            node.client = client
            yield node
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def node(district: Wing) -> Iterator[Node]:
    with listening(Node(district.signer.public)) as listener:
        yield listener


def give_index(wing: Wing, person_id: int, grade: str, as_of: date = DAY, position: int = 1) -> None:
    ledger = hash((person_id, grade, as_of))
    with transaction(wing.engine) as connection:
        connection.execute(
            insert(civility_indices).values(
                person_id=person_id,
                as_of=as_of,
                known_position=position,
                edition="test",
                index_milli=100_000,
                grade=grade,
                ledger_hash=ledger,
            )
        )
        for sequence, (indicator, points) in enumerate([("2.4", 8000), ("4.1", 3000), ("1.1", -1000)]):
            connection.execute(
                insert(point_entries).values(
                    person_id=person_id,
                    ledger_hash=ledger,
                    sequence=sequence,
                    kind="point",
                    dimension=indicator[0],
                    indicator=indicator,
                    points_milli=points,
                )
            )


def consent(wing: Wing, person_id: int, act: str = "given", on: date = DAY, letter: str = "a") -> None:
    with transaction(wing.engine) as connection:
        number = connection.execute(select(func.count()).select_from(consent_acts)).scalar_one()
        connection.execute(
            insert(consent_acts).values(
                act_id=number + 1,
                person_id=person_id,
                act=act,
                purpose="provide_certificate",
                recipient=BANK,
                text_version="v1",
                acted_at=datetime.combine(on, datetime.min.time(), ZoneInfo("Asia/Shanghai")),
                acted_on=on,
                channel="bank",
                pseudonym=(letter * 31 + str(person_id))[:32],
                file_id=1,
            )
        )


def grades(wing: Wing) -> list[str]:
    query = select(index_certificates.c.grade).order_by(index_certificates.c.as_of)
    with transaction(wing.engine) as connection:
        return list(connection.execute(query).scalars())


def count(wing: Wing, table: object) -> int:
    with transaction(wing.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_only_graded_and_consenting_persons_get_a_certificate(district: Wing) -> None:
    give_index(district, 1, "AA")
    give_index(district, 2, "AA")
    give_index(district, 3, "B")
    consent(district, 1)
    consent(district, 3)
    assert issue(district, DAY) == (1, 0)
    with transaction(district.engine) as connection:
        row = connection.execute(select(index_certificates)).one()
    assert row.person_id == 1
    assert row.body["reason_codes"] == ["2.4", "4.1"]
    assert "person_id" not in row.body


def test_issuing_again_changes_nothing(district: Wing) -> None:
    give_index(district, 1, "AA")
    consent(district, 1)
    issue(district, DAY)
    tables = all_metadata().sorted_tables
    own = [table for table in tables if table.schema == "district"]
    with transaction(district.engine) as connection:
        before = content_hashes(connection, own)
    assert issue(district, DAY) == (0, 0)
    with transaction(district.engine) as connection:
        assert content_hashes(connection, own) == before


def test_a_certificate_crosses_once_and_verifies_at_the_bank(district: Wing, node: Node) -> None:
    for person in range(1, 6):
        give_index(district, person, "A")
        consent(district, person)
    issue(district, DAY)
    assert deliver(district, BANK, node.client) == (5, 0)
    assert deliver(district, BANK, node.client) == (0, 0)
    assert len(node.seen) == 5


def test_an_unreachable_bank_loses_nothing(district: Wing, node: Node) -> None:
    give_index(district, 1, "A")
    consent(district, 1)
    issue(district, DAY)
    with httpx.Client(base_url="http://127.0.0.1:1") as nowhere:
        assert deliver(district, BANK, nowhere) == (0, 1)
    assert count(district, certificate_deliveries) == 0
    assert deliver(district, BANK, node.client) == (1, 0)


def test_withdrawing_consent_revokes_without_a_reason(district: Wing, node: Node) -> None:
    give_index(district, 1, "AAA")
    consent(district, 1)
    issue(district, DAY)
    deliver(district, BANK, node.client)
    later = DAY + timedelta(days=3)
    consent(district, 1, "withdrawn", later)
    assert issue(district, later) == (0, 1)
    assert deliver(district, BANK, node.client) == (1, 0)
    assert node.seen[-1].endswith("revocation")


def test_a_certificate_revoked_before_it_crossed_never_crosses(district: Wing, node: Node) -> None:
    give_index(district, 1, "AAA")
    consent(district, 1)
    issue(district, DAY)
    consent(district, 1, "withdrawn", DAY + timedelta(days=1))
    issue(district, DAY + timedelta(days=1))
    deliver(district, BANK, node.client)
    assert node.seen
    assert all(name.endswith("revocation") for name in node.seen)


def test_falling_below_a_and_losing_the_index_look_alike(district: Wing) -> None:
    later = DAY + timedelta(days=1)
    for person in (1, 2):
        give_index(district, person, "A")
        consent(district, person)
    issue(district, DAY)
    give_index(district, 1, "B", later, 2)
    with transaction(district.engine) as connection:
        connection.execute(insert(index_endings).values(person_id=2, as_of=later, known_position=2))
    assert issue(district, later) == (0, 2)
    with transaction(district.engine) as connection:
        columns = connection.execute(select(certificate_revocations)).mappings().all()
    assert {key for row in columns for key, value in row.items() if value is not None} == {
        "certificate_id",
        "bank_code",
        "pseudonym",
        "revoked_on",
        "batch_id",
        "batch_position",
    }


def test_a_better_grade_supersedes_and_a_worse_one_also_ends_the_old(district: Wing) -> None:
    give_index(district, 1, "A")
    consent(district, 1)
    issue(district, DAY)
    give_index(district, 1, "AAA", DAY + timedelta(days=1), 2)
    assert issue(district, DAY + timedelta(days=1)) == (1, 0)
    give_index(district, 1, "AA", DAY + timedelta(days=2), 3)
    assert issue(district, DAY + timedelta(days=2)) == (1, 1)
    assert grades(district) == ["A", "AAA", "AA"]


def test_certificates_are_renewed_in_their_last_fourteen_days(district: Wing) -> None:
    give_index(district, 1, "A")
    consent(district, 1)
    issue(district, DAY)
    assert issue(district, DAY + timedelta(days=75)) == (0, 0)
    assert issue(district, DAY + timedelta(days=76)) == (1, 0)
