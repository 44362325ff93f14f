"""From agency files to a signed, used credit line, by the commands a newcomer types."""

import contextlib
import signal
import subprocess

import httpx
import psutil
import pytest
from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.schema import all_metadata
from tests.journeys.conftest import Demo, contents, decided, number_after

pytestmark = pytest.mark.xdist_group("journeys")  # one worker: they share one district


def test_the_demo_ends_with_signed_and_drawn_lines(demo: Demo) -> None:
    printed = demo.run("report")
    assert number_after("records read", printed) > number_after("landed", printed) > 1000
    assert number_after("enrolled", printed) >= number_after("with an index", printed) > 0
    assert number_after("applied", printed) >= number_after("signed", printed) >= number_after("drew", printed) > 0
    assert "fitted, not predicted" in printed


def test_running_the_pipeline_again_leaves_every_table_unchanged(demo: Demo) -> None:
    with demo.database() as engine:
        before = contents(engine)
    demo.run("pipeline")
    with demo.database() as engine:
        assert contents(engine) == before


def test_without_its_run_markers_the_pipeline_finds_the_same_rows(demo: Demo) -> None:
    with demo.database() as engine:
        before = decided(engine)
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE district.index_runs"))
    demo.run("pipeline")
    with demo.database() as engine:
        assert decided(engine) == before


WRONG_SUMS = """
SELECT count(*) FROM (
    SELECT 1 FROM district.civility_indices i JOIN district.point_entries e USING (person_id, ledger_hash)
    GROUP BY i.person_id, i.as_of, i.known_position, i.edition, i.index_milli
    HAVING 100000 + sum(e.points_milli) <> i.index_milli) wrong
"""
POINTS_WITHOUT_RECORD = """
SELECT count(*) FROM district.point_entries e
WHERE e.kind IN ('point', 'suspended', 'outdone')
  AND NOT EXISTS (SELECT 1 FROM district.source_records r WHERE r.record_id = e.record_id)
"""
LONGEST_LEDGER = "SELECT person_id FROM district.point_entries GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
MINORS = """
SELECT count(*) FROM district.civility_indices i JOIN district.persons p USING (person_id)
WHERE p.birth_on + interval '18 years' > i.as_of
"""
NEVER_ENROLLED = """
SELECT count(*) FROM district.civility_indices i
WHERE NOT EXISTS (SELECT 1 FROM district.consent_acts c
                  WHERE c.person_id = i.person_id AND c.purpose = 'enrolment' AND c.acted_on <= i.as_of)
"""
WRONG_BALANCES = """
SELECT count(*) FROM bank.contract_balances b LEFT JOIN (
    SELECT contract_id,
           sum(CASE kind WHEN 'drawdown' THEN principal_fen WHEN 'repayment' THEN -principal_fen ELSE 0 END)
    FROM bank.movements GROUP BY 1) m (contract_id, fen) USING (contract_id)
WHERE b.outstanding_fen <> coalesce(m.fen, 0) OR b.outstanding_fen > b.limit_fen
"""
TWO_CONTRACTS = "SELECT count(*) FROM (SELECT 1 FROM bank.contracts GROUP BY household_key HAVING count(*) > 1) twice"
BREAKS = "SELECT count(*) FROM bank.breaks"


def answer(demo: Demo, query: str) -> int:
    with demo.database() as engine, engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_every_index_is_the_sum_of_rows_with_a_source(demo: Demo) -> None:
    assert answer(demo, WRONG_SUMS) == 0
    assert answer(demo, POINTS_WITHOUT_RECORD) == 0


def test_the_longest_ledger_is_explained_on_a_day_nobody_evaluated(demo: Demo) -> None:
    printed = demo.run("explain", str(answer(demo, LONGEST_LEDGER)), "--as-of", "2026-07-01")
    cells = [line.split("│")[4].strip() for line in printed.splitlines() if line.count("│") > 5]
    points = [float(cell.replace("+", "")) for cell in cells if cell.replace("+", "").replace("-", "").replace(".", "")]
    assert len(points) > 2
    assert round(sum(points[:-1]), 3) == points[-1]


@pytest.mark.parametrize("name", ["persons", "consent_acts", "events", "source_records", "index_certificates"])
def test_no_identity_number_stands_in_a_table(demo: Demo, name: str) -> None:
    # Only where words can stand: a keyed 63-bit identifier may look like an identity number by chance.
    columns = all_metadata().tables[f"district.{name}"].columns
    words = " || ' ' || ".join(f"coalesce({c.name}::text, '')" for c in columns if isinstance(c.type, Text | JSONB))
    assert answer(demo, rf"SELECT count(*) FROM district.{name} WHERE {words} ~ '\m9903\d{{13}}[\dX]\M'") == 0


def test_nobody_without_enrolment_or_majority_has_an_index(demo: Demo) -> None:
    assert answer(demo, MINORS) == 0
    assert answer(demo, NEVER_ENROLLED) == 0


def test_drawn_and_repaid_money_adds_up_to_the_balances(demo: Demo) -> None:
    assert answer(demo, WRONG_BALANCES) == 0
    assert answer(demo, TWO_CONTRACTS) == 0
    assert answer(demo, BREAKS) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [2, 4, 6, 9, 13])
def test_a_pipeline_killed_midway_ends_as_if_it_had_not_been(demo: Demo, fresh: Demo, seconds: int) -> None:
    process = subprocess.Popen(fresh.command("demo", "--no-serve"), env=fresh.environment(), start_new_session=True)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    fresh.run("demo", "--no-serve")
    with demo.database() as engine:
        expected = decided(engine)
    with fresh.database() as engine:
        assert decided(engine) == expected


@pytest.mark.slow
def test_servers_end_with_the_demo_that_started_them_even_if_it_was_killed(demo: Demo) -> None:
    environment = demo.environment()
    page = f"http://127.0.0.1:{environment['HAIXIA_PORT']}/health"
    with (demo.data_dir / "served.out").open("wb") as out:
        process = subprocess.Popen(demo.command("demo"), env=environment, stdout=out, stderr=out)
    children = serving(process, page)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


@pytest.mark.slow
def test_whatever_a_killed_pipeline_had_started_ends_with_it(fresh: Demo) -> None:
    process = subprocess.Popen(fresh.command("demo", "--no-serve"), env=fresh.environment())
    children = started(process, "loan_service.bank.model_pipeline")
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


def started(process: subprocess.Popen[bytes], module: str) -> list[psutil.Process]:
    """The demo's children, once the named one is among them."""
    for _ in range(600):
        children = psutil.Process(process.pid).children()
        if any(module in child.cmdline() for child in children):
            return [child for child in children if "loan_service.processes" in child.cmdline()]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
    raise AssertionError(f"{module} was never started")


def serving(process: subprocess.Popen[bytes], page: str) -> list[psutil.Process]:
    """The demo's servers, once its page answers."""
    for _ in range(600):
        try:
            httpx.get(page).raise_for_status()
        except httpx.TransportError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
        else:
            break
    children = psutil.Process(process.pid).children()
    assert len(children) == 2
    return children
