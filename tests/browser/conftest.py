"""The application on a real port with sample rows of both wings, and the system's Chromium."""

import importlib.util
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from loan_service.app import create_app
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings

ROWS = Path(__file__).parent.parent / "loan_service" / "web"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own browser; the test is skipped where there is none."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on this machine")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def people(district: Wing) -> ModuleType:
    """The district's sample rows."""
    rows = _rows("district_rows")
    rows.fill_district(district)
    return rows


@pytest.fixture
def households(bank: Wing) -> ModuleType:
    """The bank's sample rows."""
    rows = _rows("bank_rows")
    rows.fill_bank(bank)
    return rows


@pytest.fixture
def moves() -> list[tuple[date, date]]:
    """How the demonstration's clock was moved."""
    return []


@pytest.fixture
def site(
    settings: Settings, owner_url: str, moves: list[Any], people: ModuleType, households: ModuleType
) -> Iterator[str]:
    """The address of the running application."""
    app = create_app(settings, owner_url, lambda seen, to: moves.append((seen, to)))
    with _listening(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody; whatever the browser complains about fails the test at its end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str, width: int = 360, *, script: bool = True, locale: str = "zh-CN") -> Page:
        viewport: Any = {"width": width, "height": 780}
        context = chromium.new_context(viewport=viewport, java_script_enabled=script, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if not _a_status(message.text) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _a_status(text: str) -> bool:
    """Chromium also reports every page that answers 4xx; such pages are looked at by their own tests."""
    return text.startswith("Failed to load resource")


@contextmanager
def _listening(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    started = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, started))
    thread.start()
    started.wait()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def _serve(server: uvicorn.Server, started: threading.Event) -> None:
    """Tells when the port is open; uvicorn itself has no such bell."""
    startup = server.startup

    async def telling(*arguments: Any, **named: Any) -> None:
        await startup(*arguments, **named)
        started.set()

    server.startup = telling  # type: ignore[method-assign]
    server.run()
    started.set()


def _rows(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROWS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
