"""The application as deployed, asked over ASGI; its wings stand on this worker's real database."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from loan_service.app import create_app
from loan_service.settings import Settings


class Client:
    """Asks an application from a test's own thread, without a socket."""

    def __init__(self, portal: BlockingPortal, app: FastAPI, *, raising: bool = True) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app, raise_app_exceptions=raising)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://haixia.test")

    def request(self, method: str, path: str, **wishes: Any) -> httpx.Response:
        self._client.cookies.clear()  # every request is a stranger's
        return self._portal.call(lambda: self._client.request(method, path, **wishes))

    def get(self, path: str, **wishes: Any) -> httpx.Response:
        return self.request("GET", path, **wishes)

    def post(self, path: str, **wishes: Any) -> httpx.Response:
        return self.request("POST", path, **wishes)

    def page(self, path: str, **wishes: Any) -> httpx.Response:
        headers = {"Accept": "text/html", **wishes.pop("headers", {})}
        return self.request("GET", path, headers=headers, **wishes)


@contextmanager
def serving(app: FastAPI, *, raising: bool = True) -> Iterator[Client]:
    """The application between its start and its end."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield Client(portal, app, raising=raising)


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., AbstractContextManager[Client]]:
    return serving


@pytest.fixture
def load_rows() -> Callable[[str], ModuleType]:
    """Brings in one of the modules of sample rows of `web/`."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "web" / f"{name}.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def client(run_dir: Path, owner_url: str) -> Iterator[Client]:
    """Both wings, as the demonstration serves them; tests that write rows ask for a wing, which empties them again."""
    settings = Settings(data_dir=run_dir, database_url=owner_url, files_dir=run_dir / "no-files", scale=0.02)
    with serving(create_app(settings, owner_url)) as asked:
        yield asked
