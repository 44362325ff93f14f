import threading
from datetime import date

import pytest

from loan_service.bank.store.tables import idempotency_keys
from loan_service.errors import ConflictError
from loan_service.foundation.clock import FIRST_DEMO_DAY, business_date, move_demo_clock, start_demo_clock
from loan_service.foundation.database import transaction
from loan_service.foundation.idempotency import StoredAnswer, claim, store_answer
from loan_service.foundation.wing import Wing


def test_a_repeated_request_gets_the_stored_answer(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        assert claim(connection, idempotency_keys, "me", "k1", b"body") is None
        store_answer(connection, idempotency_keys, "me", "k1", 201, {"id": "x"})
    with transaction(bank.engine) as connection:
        assert claim(connection, idempotency_keys, "me", "k1", b"body") == StoredAnswer(201, {"id": "x"})
        assert claim(connection, idempotency_keys, "you", "k1", b"body") is None


def test_a_key_with_another_body_is_refused(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        claim(connection, idempotency_keys, "me", "k1", b"body")
    with pytest.raises(ConflictError, match=r"idempotency\.other_body"), transaction(bank.engine) as connection:
        claim(connection, idempotency_keys, "me", "k1", b"other")


def test_of_two_racing_requests_one_acts_and_the_other_gets_its_answer(bank: Wing) -> None:
    outcomes: list[StoredAnswer | None] = []
    barrier = threading.Barrier(2)

    def request() -> None:
        barrier.wait()
        with transaction(bank.engine) as connection:
            stored = claim(connection, idempotency_keys, "me", "race", b"body")
            if stored is None:
                store_answer(connection, idempotency_keys, "me", "race", 200, {"done": 1})
            outcomes.append(stored)

    threads = [threading.Thread(target=request) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["None", str(StoredAnswer(200, {"done": 1}))]


def test_a_double_click_advances_the_demo_clock_once(bank: Wing) -> None:
    start_demo_clock(bank.engine)
    later = date(2026, 6, 16)
    with transaction(bank.engine) as connection:
        move_demo_clock(connection, FIRST_DEMO_DAY, later)
    with pytest.raises(ConflictError, match=r"clock\.moved"), transaction(bank.engine) as connection:
        move_demo_clock(connection, FIRST_DEMO_DAY, later)
    with transaction(bank.engine) as connection:
        assert business_date(connection, demo=True) == later
