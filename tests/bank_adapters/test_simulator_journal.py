"""A simulated bank that is stopped, cut off or damaged, and opened again."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bank_adapters import Batch, Unreachable
from bank_adapters.simulated_bank import SimulatedBank, WrongJournal
from bank_adapters.simulator import FaultProfile, Habits
from bank_adapters.simulator_journal import DaysAdvanced, Journal, JournalDamaged, Opened

Make = Callable[..., Any]
OPENED_ON = date(2026, 6, 15)
FAULTS = FaultProfile(seed=4, lost_answers_milli=300, repeated_events_milli=300, delayed_events_milli=300)
HABITS = Habits(seed=2, refer_milli=300)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "island_rural.journal"


@pytest.fixture
def lived(path: Path, call: Make, prescreen: Make, plan: Make) -> SimulatedBank:
    """A bank with 20 days of life and faults behind it, closed."""
    bank = SimulatedBank.open(path, "island_rural", OPENED_ON, habits=HABITS, faults=FAULTS)
    caller = call(bank)
    plans = {
        f"HH-{number}": plan(
            f"HH-{number}",
            draws=[{"on_day": 1, "share_of_limit": 0.3}],
            repays=[{"on_day": 5, "share_of_outstanding": 0.333333}],
        )
        for number in range(12)
    }
    caller.send(prescreen(name) for name in plans)
    for _ in range(20):
        bank.advance(bank.business_date + timedelta(days=1), plans)
        caller.exchange()
    bank.close()
    return bank


def reopen(path: Path) -> SimulatedBank:
    return SimulatedBank.open(path, "island_rural", OPENED_ON, habits=HABITS, faults=FAULTS)


def test_a_bank_opened_again_is_the_bank_that_was_closed(path: Path, lived: SimulatedBank) -> None:
    written = path.read_bytes()
    again = reopen(path)
    assert again.state == lived.state
    assert again.feed == lived.feed
    assert again.business_date == OPENED_ON + timedelta(days=20)
    assert path.read_bytes() == written
    assert any(contract.notes for contract in again.state.contracts.values())
    again.close()


def test_a_bank_goes_on_after_a_restart_as_if_there_had_been_none(
    path: Path, tmp_path: Path, lived: SimulatedBank, plan: Make
) -> None:
    other = tmp_path / "other.journal"
    other.write_bytes(path.read_bytes())
    first, second = reopen(path), reopen(other)
    second.close()
    second = reopen(other)
    for bank in (first, second):
        bank.advance(bank.business_date + timedelta(days=30), {"HH-1": plan("HH-1")})
    assert first.state == second.state
    assert path.read_bytes() == other.read_bytes()
    first.close()
    second.close()


@pytest.mark.parametrize("lost", [1, 2, 40, 200])
def test_a_last_line_that_a_crash_cut_short_never_happened(path: Path, lived: SimulatedBank, lost: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    again = reopen(path)
    kept = whole[: whole[:-lost].rfind(b"\n") + 1]
    assert path.read_bytes() == kept
    again.advance(again.business_date + timedelta(days=1), {})
    again.close()
    reopen(path).close()


def test_a_restart_at_any_line_gives_a_bank_that_goes_on(path: Path, lived: SimulatedBank) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for kept in range(0, len(lines), 7):
        path.write_bytes(b"".join(lines[:kept]))
        again = reopen(path)
        assert again.feed == lived.feed[: len(again.feed)]
        again.close()


def test_damage_inside_the_journal_is_named_by_its_line_and_never_skipped(path: Path, lived: SimulatedBank) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in (
        [*lines[:4], lines[4].replace(b"{", b"[", 1), *lines[5:]],
        [*lines[:4], *lines[5:]],
        [*lines[:4], lines[3], *lines[4:]],
        [*lines[:4], b"\n", *lines[5:]],
    ):
        path.write_bytes(b"".join(broken))
        with pytest.raises(JournalDamaged) as damage:
            reopen(path)
        assert damage.value.line == 5


def test_another_banks_journal_is_refused(path: Path, lived: SimulatedBank) -> None:
    with pytest.raises(WrongJournal, match=r"expected harbour_city, found island_rural"):
        SimulatedBank.open(path, "harbour_city", OPENED_ON)


def test_a_journal_that_does_not_begin_with_an_opening_is_refused(path: Path) -> None:
    journal = Journal(path)
    journal.append(DaysAdvanced(to_date=OPENED_ON))
    journal.close()
    with pytest.raises(WrongJournal, match="days_advanced"):
        reopen(path)


def test_new_settings_hold_from_now_on_and_leave_the_past_alone(
    path: Path, lived: SimulatedBank, application: Make, prescreen: Make
) -> None:
    stern = SimulatedBank.open(path, "island_rural", OPENED_ON, habits=Habits(decline_milli=1000))
    assert stern.feed == lived.feed
    stern.send(Batch(bank_code="island_rural", items=(prescreen("HH-99"), application("HH-99"))))
    assert stern.feed[-1].decision == "decline"
    stern.close()
    again = SimulatedBank.open(path, "island_rural", OPENED_ON, habits=Habits(decline_milli=1000))
    assert again.state == stern.state
    again.close()


def test_an_answer_is_lost_after_the_work_is_done_and_written(path: Path, prescreen: Make) -> None:
    bank = SimulatedBank.open(path, "island_rural", OPENED_ON, faults=FaultProfile(seed=3, lost_answers_milli=900))
    batch = Batch(bank_code="island_rural", items=(prescreen("HH-1"),))
    with pytest.raises(Unreachable):
        bank.send(batch)
    assert "O-HH-1" in bank.state.offers
    assert b"O-HH-1" in path.read_bytes()
    bank.close()


def test_what_the_disk_refuses_is_neither_done_nor_written(path: Path, prescreen: Make) -> None:
    """In a process of its own, whose files may not grow: the write stops in the middle of the line."""
    story = """
import resource, signal, sys
from datetime import date
from pathlib import Path
from bank_adapters import Batch, PrescreenList
from bank_adapters.simulated_bank import SimulatedBank
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
bank = SimulatedBank.open(path, "island_rural", date(2026, 6, 15))
written = path.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(written) + 100, -1))
offer = PrescreenList(offer_id="O-1", household_ref="HH-1", limit_fen=1, rate_bp=1, all_in_annual_cost_bp=1,
                      expires_on=date(2026, 7, 1))
state = bank.state
try:
    bank.send(Batch(bank_code="island_rural", items=(offer,)))
except OSError:
    print(bank.state == state, path.read_bytes() == written)
"""
    told = subprocess.run([sys.executable, "-c", story, str(path)], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True"]


def test_an_entry_is_on_disk_before_the_next_is_begun(path: Path) -> None:
    journal = Journal(path)
    journal.append(Opened(bank_code="island_rural", business_date=OPENED_ON))
    assert path.read_bytes() == (b'1 {"bank_code":"island_rural","business_date":"2026-06-15","entry":"opened"}\n')
    journal.close()


def test_production_code_never_loads_the_simulator() -> None:
    looked = "import sys, bank_adapters; print(sorted(name for name in sys.modules if 'simulat' in name))"
    told = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
