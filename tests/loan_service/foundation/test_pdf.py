"""A page is printed by the machine's browser; without one, or with a broken one, the error names the remedy."""

import stat
from pathlib import Path

import pytest

from loan_service.foundation.pdf import PdfError, find_browser, print_pdf

PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>@page { size: A4 }
section { break-after: page }</style></head><body><section>海霞诚信贷</section><section>二</section></body></html>"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def browser_that(tmp_path: Path, does: str) -> str:
    """A small real program in the browser's place."""
    path = tmp_path / "browser"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_a_machine_without_a_browser_is_told_what_to_install() -> None:
    with pytest.raises(PdfError) as told:
        find_browser(("no-such-browser-here",))
    assert told.value.code == "pdf.no_browser"
    assert "install Chromium" in told.value.remedy
    assert "网页版已写出" in told.value.chinese
    assert "no-such-browser-here" in told.value.english


def test_a_browser_that_fails_is_quoted_and_leaves_no_pdf(page: Path, tmp_path: Path) -> None:
    broken = browser_that(tmp_path, "echo out of luck >&2; exit 7")
    with pytest.raises(PdfError, match="out of luck") as told:
        print_pdf(page, tmp_path / "to.pdf", browser=broken)
    assert "7" in told.value.chinese
    assert not (tmp_path / "to.pdf").exists()


def test_a_browser_that_writes_nothing_is_an_error(page: Path, tmp_path: Path) -> None:
    with pytest.raises(PdfError, match="without a file"):
        print_pdf(page, tmp_path / "to.pdf", browser=browser_that(tmp_path, "exit 0"))


def test_a_browser_that_hangs_is_ended(page: Path, tmp_path: Path) -> None:
    with pytest.raises(PdfError, match=r"within 0\.2 s"):
        print_pdf(page, tmp_path / "to.pdf", browser=browser_that(tmp_path, "exec sleep 30"), timeout_seconds=0.2)


def test_a_file_that_is_no_program_is_an_error(page: Path, tmp_path: Path) -> None:
    with pytest.raises(PdfError):
        print_pdf(page, tmp_path / "to.pdf", browser=str(tmp_path / "missing"))


@pytest.mark.slow
def test_the_machines_own_browser_prints_pages(page: Path, tmp_path: Path) -> None:
    try:
        browser = find_browser()
    except PdfError:
        pytest.skip("no Chromium on this machine")
    print_pdf(page, tmp_path / "to.pdf", browser=browser)
    printed = (tmp_path / "to.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") == 2
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", "to.pdf"}
