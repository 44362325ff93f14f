"""The description of the REST doors as a page: read from the OpenAPI document, without a script."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from loan_service.web.templating import page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple["Property", ...]
    takes: str
    gives: str


@dataclass(frozen=True)
class Property:
    """One field of a schema, or one parameter: its type, or where it stands."""

    name: str
    kind: str
    required: bool
    description: str


@router.get("/docs")
def show_docs(request: Request) -> HTMLResponse:
    """Every operation by tag, and the shapes they speak."""
    document = request.app.openapi()
    operations = [
        (tag["name"], tag["description"], list(_operations(document, tag["name"]))) for tag in _tags(document)
    ]
    schemas = {name: list(_properties(schema)) for name, schema in document["components"]["schemas"].items()}
    return page(
        request,
        "web/docs.html",
        document=document,
        operations=[group for group in operations if group[2]],
        schemas={name: properties for name, properties in schemas.items() if properties},
    )


def _tags(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(document.get("tags", []))


def _operations(document: Mapping[str, Any], tag: str) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation.get("tags", []):
                yield Operation(
                    method=method.upper(),
                    path=path,
                    summary=operation.get("summary", ""),
                    description=operation.get("description", ""),
                    parameters=tuple(_parameter(each) for each in operation.get("parameters", [])),
                    takes=_schema_of(operation.get("requestBody", {})),
                    gives=_schema_of(_success(operation["responses"])),
                )


def _parameter(each: Mapping[str, Any]) -> Property:
    return Property(each["name"], each["in"], each.get("required", False), each.get("description", ""))


def _success(responses: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next((answer for status, answer in responses.items() if status.startswith("2")), {})
    return found


def _schema_of(body: Mapping[str, Any]) -> str:
    content: Mapping[str, Any] = next(iter(body.get("content", {}).values()), {})
    return _kind(content.get("schema", {}))


def _properties(schema: Mapping[str, Any]) -> Iterator[Property]:
    required = schema.get("required", [])
    for name, value in schema.get("properties", {}).items():
        yield Property(name, _kind(value), name in required, value.get("description", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema's type as people write it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_kind(option) for option in schema["anyOf"])
    if "items" in schema:
        return f"{_kind(schema['items'])}[]"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("type", ""))
