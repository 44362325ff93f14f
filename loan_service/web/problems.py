"""Errors as people and programs read them: RFC 9457 problems with a stable code, or a page, in both languages."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from loan_service.errors import ConflictError, HaixiaError, NotFoundError, RefusedError
from loan_service.web.language import Language, language_of, remember
from loan_service.web.security import harden
from loan_service.web.templating import page
from loan_service.web.validation import chinese_of

PROBLEM_JSON = "application/problem+json"

_STATUS_OF_CLASS: Final[Mapping[type[HaixiaError], int]] = {NotFoundError: 404, RefusedError: 422, ConflictError: 409}
_STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "idempotency.missing": 400,
    "idempotency.other_body": 422,
    "cursor.invalid": 400,
    "request.foreign_origin": 403,
}
_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("请求有误", "Bad request"),
    403: ("不允许", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("方法不允许", "Method not allowed"),
    409: ("与现状冲突", "Conflict"),
    413: ("内容过大", "Too large"),
    415: ("内容类型不支持", "Unsupported media type"),
    422: ("无法办理", "Cannot be done"),
    500: ("系统出错", "Something went wrong"),
    503: ("暂时无法服务", "Not ready"),
}
_DETAILS: Final[Mapping[int, tuple[str, str]]] = {
    404: ("这里没有您要找的内容。", "There is nothing here."),
    413: ("请求内容过大，请分批发送。", "The request body is too large; send fewer items at once."),
    500: ("这次没有办成，数据没有改动。", "This did not work; nothing was changed."),
}


class Fault(BaseModel):
    """One thing wrong with a request; what was sent is never repeated, it may be personal."""

    pointer: str = Field(description="where: a JSON pointer into body, query, path or header", examples=["/body/items"])
    code: str = Field(description="Pydantic's name of the fault", examples=["too_long"])
    detail_zh: str
    detail_en: str


class Problem(BaseModel):
    """An error answer (RFC 9457); `code` is stable, texts may improve."""

    type: str = Field(examples=["urn:haixia:problem:index.none"])
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    detail: str = Field(description="in the language asked for")
    code: str = Field(examples=["index.none"])
    detail_zh: str
    detail_en: str
    remedy: str = Field(default="", description="what to do about it")
    errors: list[Fault] = Field(default_factory=list, description="each fault of an invalid request")


def install(app: FastAPI) -> None:
    """Answers every error of this application as a problem."""
    app.add_exception_handler(HaixiaError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


def status_of(error: HaixiaError) -> int:
    """The HTTP status of an error of ours."""
    by_class = next((status for kind, status in _STATUS_OF_CLASS.items() if isinstance(error, kind)), 500)
    return _STATUS_OF_CODE.get(error.code, by_class)


def _on_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, HaixiaError):
        raise error
    texts = (error.chinese, error.english)
    return answer(request, status_of(error), error.code, texts, error.remedy)


def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(_is_missing_key(fault) for fault in found):
        texts = ("缺少 Idempotency-Key 请求头", "the Idempotency-Key header is missing")
        return answer(request, 400, "idempotency.missing", texts, "send a new key with each new request")
    texts = (f"请求有 {len(found)} 处不符合约定", f"{len(found)} faults in the request")
    return answer(request, 422, "request.invalid", texts, faults=[_fault(fault) for fault in found])


def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    texts = _DETAILS.get(status, (status.phrase, status.phrase))
    response = answer(request, status, f"http.{status.name.lower()}", texts)
    response.headers.update(error.headers or {})
    return response


def _on_unexpected(request: Request, _error: Exception) -> Response:
    """The last edge: outside every middleware, so the safe headers are added here; the server logs the error."""
    response = answer(request, 500, "http.internal_server_error", _DETAILS[500])
    harden(response.headers, request.url.scheme)
    return response


def answer(
    request: Request,
    status: int,
    code: str,
    texts: tuple[str, str],
    remedy: str = "",
    faults: Sequence[Fault] = (),
) -> Response:
    """A problem as JSON, or as a page for a browser; `texts` are Chinese and English."""
    chinese_first = language_of(request) is Language.ZH
    title = _TITLES.get(status, (HTTPStatus(status).phrase,) * 2)[0 if chinese_first else 1]
    problem = Problem(
        type=f"urn:haixia:problem:{code}",
        title=title,
        status=status,
        detail=texts[0 if chinese_first else 1],
        code=code,
        detail_zh=texts[0],
        detail_en=texts[1],
        remedy=remedy,
        errors=list(faults),
    )
    if "text/html" in request.headers.get("accept", ""):
        return page(request, "web/problem.html", status, problem=problem)
    response = JSONResponse(problem.model_dump(mode="json"), status, media_type=PROBLEM_JSON)
    remember(request, response)
    return response


def _is_missing_key(fault: Mapping[str, Any]) -> bool:
    place = tuple(str(step).lower() for step in fault["loc"])
    return place == ("header", "idempotency-key") and fault["type"] == "missing"


def _fault(fault: Mapping[str, Any]) -> Fault:
    return Fault(
        pointer="/" + "/".join(_escaped(step) for step in fault["loc"]),
        code=fault["type"],
        detail_zh=chinese_of(fault["type"]),
        detail_en=_without_input(fault),
    )


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _without_input(fault: Mapping[str, Any]) -> str:
    """Pydantic's sentence; an extra field's name is the caller's text, but its value never appears in it."""
    return str(fault["msg"])
