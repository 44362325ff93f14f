"""The description of the REST doors: OpenAPI 3.1, every error answer a `Problem`."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from loan_service.web.problems import PROBLEM_JSON, Problem

_CONTENT: Final = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}

ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "不能办理，见错误代码 / refused, see the code", "content": _CONTENT},
}
"""What any operation may answer instead; operations add what is particular to them."""

NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "没有，或不能看 / none, or not for you", "content": _CONTENT}
}
CONFLICT: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "缺少幂等键 / no Idempotency-Key", "content": _CONTENT},
    409: {"description": "与现状冲突 / conflict with what is there", "content": _CONTENT},
    422: {"description": "规则不允许或内容不符 / refused by a rule, or invalid", "content": _CONTENT},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document behind `/openapi.json`, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
            license_info=app.license_info,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}), Problem=schema)
        app.openapi_schema = document
    return app.openapi_schema
