from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from loan_service.app import create_app
from loan_service.errors import ConflictError, HaixiaError, NotFoundError, RefusedError
from loan_service.settings import Settings
from loan_service.web.problems import status_of


class Order(BaseModel):
    amount_fen: int = Field(ge=1)


@pytest.fixture
def broken(settings: Settings, owner_url: str, serving: Any) -> Iterator[Any]:
    """The application with one door that fails unexpectedly and one that takes an order."""
    app = create_app(settings, owner_url)

    @app.get("/broken")
    def fail() -> None:
        raise ZeroDivisionError("a secret of the inside")

    @app.post("/orders")
    def order(order: Order) -> Order:
        return order

    with _quietly(serving, app) as client:
        yield client


def _quietly(serving: Any, app: FastAPI) -> AbstractContextManager[Any]:
    answer: AbstractContextManager[Any] = serving(app, raising=False)
    return answer


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x.none", "none"), 404),
        (RefusedError("x.no", "no"), 422),
        (ConflictError("x.other", "other"), 409),
        (ConflictError("idempotency.other_body", "other"), 422),
        (RefusedError("cursor.invalid", "no"), 400),
        (HaixiaError("x.odd", "odd"), 500),
    ],
)
def test_the_kind_of_error_or_its_code_gives_the_status(error: HaixiaError, status: int) -> None:
    assert status_of(error) == status


def test_a_problem_speaks_both_languages_and_keeps_its_code(client: Any) -> None:
    answer = client.get("/district/persons/1/index")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "index.none"
    assert problem["type"] == "urn:haixia:problem:index.none"
    assert problem["detail"] == problem["detail_zh"] == "这个编号没有诚信文明分"
    assert problem["detail_en"] == "there is no index under this number"
    english = client.get("/district/persons/1/index", headers={"Accept-Language": "en"}).json()
    assert english["detail"] == problem["detail_en"]


def test_an_invalid_request_names_the_place_and_never_repeats_what_was_sent(broken: Any) -> None:
    answer = broken.post("/orders", json={"amount_fen": "330305199901011234"})
    assert answer.status_code == 200 or "330305199901011234" not in answer.text
    answer = broken.post("/orders", json={"amount_fen": "3303051999X"})
    assert answer.status_code == 422
    assert "3303051999X" not in answer.text
    assert answer.json()["errors"] == [
        {
            "pointer": "/body/amount_fen",
            "code": "int_parsing",
            "detail_zh": "须为整数",
            "detail_en": "Input should be a valid integer, unable to parse string as an integer",
        }
    ]


def test_an_unexpected_error_tells_nothing_of_the_inside_and_keeps_the_safe_headers(broken: Any) -> None:
    for accept in ("application/json", "text/html"):
        answer = broken.get("/broken", headers={"Accept": accept})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "数据没有改动" in answer.text


def test_a_body_that_grows_too_large_is_cut_off(broken: Any) -> None:
    answer = broken.post("/orders", content=b"[" + b"1," * 3_000_000)
    assert answer.status_code == 413
    assert answer.json()["code"] == "http.request_entity_too_large"


@pytest.mark.parametrize(
    "path", ["/nothing/here", "/static/settings.py", "/static/haixia.css", "/static/..%2fpaging.py"]
)
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(client: Any, path: str) -> None:
    page = client.page(path)
    assert page.status_code == client.get(path).status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有找到" in page.text
    assert client.get(path).json()["code"] == "http.not_found"


def test_a_wrong_method_says_which_ones_are_right(client: Any) -> None:
    answer = client.request("DELETE", "/district/figures")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
