from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from loan_service.app import create_app
from loan_service.settings import Deployment, Settings


@pytest.fixture
def document(client: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, each) for path, methods in document["paths"].items() for each in methods.values()]


def test_the_document_is_openapi_3_1_and_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPI.model_validate(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = set(document["components"]["schemas"])
    assert _references(document) <= known


def test_every_operation_has_a_summary_a_tag_and_answers_errors_as_problems(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert operation["summary"], path
        assert operation["tags"], path
        assert "HTTPValidationError" not in str(operation), path
        assert "application/problem+json" in operation["responses"]["default"]["content"], path


def test_pages_are_no_resources(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        assert "text/html" not in str(operation["responses"]), path


@pytest.mark.parametrize(
    ("deployment", "mounted", "absent"),
    [
        (Deployment.DISTRICT, "/district/figures", "/bank"),
        (Deployment.BANK, "/bank/{bank_code}/certificates", "/district"),
    ],
)
def test_a_deployment_mounts_its_own_wing_only(deployment: Deployment, mounted: str, absent: str) -> None:
    declared = {"operator": "x", "role_of_parties": "y", "agreement_reference": "z"}
    app = create_app(Settings(deployment=deployment, **declared), "postgresql://nowhere/none")
    paths = set(app.openapi()["paths"])
    assert mounted in paths
    assert not [path for path in paths if path.startswith((absent, "/demo"))]


def test_people_can_read_the_resources_as_a_page(client: Any) -> None:
    page = client.page("/docs").text
    assert "/district/persons/{person_id}/index" in page
    assert "IndexExplanation" in page


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[-1]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()
