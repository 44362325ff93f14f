import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Connection, insert, select

from loan_service.app import create_app
from loan_service.bank.store.tables import bank_files, idempotency_keys
from loan_service.errors import RefusedError
from loan_service.foundation.database import BANK, transaction
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings
from loan_service.web.idempotent import KeyHeader, once
from loan_service.web.wings import asked, joined, wing_of


class Wish(BaseModel):
    amount_fen: int


class Receipt(BaseModel):
    number: int


@pytest.fixture
def door(settings: Settings, owner_url: str, bank: Wing, serving: Any) -> Iterator[Any]:
    """The application with one more door, whose act writes a row and refuses to pay nothing."""
    app = create_app(settings, owner_url)
    app.state.acts = 0

    @app.post("/bank/{bank_code}/wishes")
    def wish(request: Request, bank_code: str, key: KeyHeader, wish: Wish) -> JSONResponse:
        with asked(request, BANK) as (connection, _):
            wing = joined(wing_of(request, BANK), connection)
            return once(connection, idempotency_keys, request, key, wish, lambda: act(app, wing, wish), status=201)

    with serving(app) as client:
        yield client


def act(app: FastAPI, wing: Wing, wish: Wish) -> Receipt:
    app.state.acts += 1
    with transaction(wing.engine) as connection:
        connection.execute(insert(bank_files).values(_row(app.state.acts)))
    if wish.amount_fen == 0:
        raise RefusedError("wish.nothing", "nothing is wished for")
    return Receipt(number=app.state.acts)


def _row(number: int) -> dict[str, Any]:
    numbers = dict.fromkeys(("rows_read", "rows_landed", "rows_quarantined", "leaf_id"), 0)
    return numbers | {"bank_code": "b", "sha256": str(number), "kind": "households", "file_name": "f"}


def files(bank: Wing) -> int:
    with bank.engine.connect() as connection:
        return len(_all(connection))


def _all(connection: Connection) -> list[Any]:
    return list(connection.execute(select(bank_files.c.sha256)))


def ask(door: Any, key: str | None, amount_fen: int, bank_code: str = "b") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return door.post(f"/bank/{bank_code}/wishes", json={"amount_fen": amount_fen}, headers=headers)


def test_the_same_wish_is_done_once_and_answered_alike(door: Any, bank: Wing) -> None:
    first, second = ask(door, "k1", 5), ask(door, "k1", 5)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json() == {"number": 1}
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert files(bank) == 1


def test_a_wish_without_a_key_is_not_heard(door: Any, bank: Wing) -> None:
    answer = ask(door, None, 5)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.missing")
    assert files(bank) == 0


def test_a_key_stands_for_one_wish_only(door: Any, bank: Wing) -> None:
    ask(door, "k1", 5)
    answer = ask(door, "k1", 6)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.other_body")
    assert files(bank) == 1


def test_keys_of_different_callers_do_not_meet(door: Any) -> None:
    assert ask(door, "k1", 5).json() == {"number": 1}
    assert ask(door, "k1", 6, "other").json() == {"number": 2}


def test_a_refused_wish_leaves_neither_row_nor_key(door: Any, bank: Wing) -> None:
    assert ask(door, "k1", 0).status_code == 422
    assert files(bank) == 0
    with bank.engine.connect() as connection:
        assert connection.execute(select(idempotency_keys)).all() == []
    assert ask(door, "k1", 7).status_code == 201  # the key is free for the mended wish


@pytest.mark.parametrize("key", ["with space", "ü", "x" * 129, ""])
def test_a_key_is_short_and_plain(door: Any, key: str) -> None:
    answer = door.post("/bank/b/wishes", json={"amount_fen": 5}, headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 422


def test_two_at_the_same_time_are_one(door: Any, bank: Wing) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(door, "k1", 5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.text for answer in answers} == {'{"number":1}'}
    assert files(bank) == 1
