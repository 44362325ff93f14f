"""A page becomes a PDF: the machine's own Chromium prints it, without network and without leaving anything behind."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from loan_service.errors import HaixiaError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names under which a browser is looked for on PATH, in this order."""
TIMEOUT_SECONDS: Final = 120
_TOLD_CHARACTERS: Final = 400


class PdfError(HaixiaError):
    """No PDF could be made; the HTML is there all the same."""


def find_browser(names: Sequence[str] = BROWSERS) -> str:
    """The path of the first browser on PATH.

    Raises:
        PdfError: there is none.
    """
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    told = ", ".join(names)
    raise PdfError(
        "pdf.no_browser",
        f"no browser to print with: none of {told} is on PATH; the HTML was written and prints from any browser",
        f"未找到可用于打印的浏览器（{told} 均不在 PATH 中）；网页版已写出，可用任何浏览器打印",
        "install Chromium (on Debian: apt install chromium fonts-noto-cjk) and run the command again",
    )


def print_pdf(page: Path, to: Path, *, browser: str | None = None, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
    """Prints a local HTML file; paper size, margins and page numbers are the page's own (`@page`).

    Args:
        page: HTML that needs nothing but itself.
        to: the PDF; it appears under its name only when it is whole.
        browser: path of the browser; by default the first on PATH.
        timeout_seconds: after so long the browser is ended.

    Raises:
        PdfError: there is no browser, it failed, or it took too long.
    """
    with TemporaryDirectory(prefix="haixia-pdf-") as folder:
        printed = Path(folder) / "printed.pdf"
        _run(_command(browser or find_browser(), page, printed, Path(folder) / "profile"), timeout_seconds)
        if not printed.is_file() or not printed.stat().st_size:
            raise _failed("the browser ended without a file", "浏览器未生成文件")
        unfinished = to.with_name(to.name + ".part")
        shutil.copyfile(printed, unfinished)
        unfinished.replace(to)


def _command(browser: str, page: Path, printed: Path, profile: Path) -> list[str]:
    # Chromium refuses its sandbox to root; the page is our own file and loads nothing.
    sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    return [
        browser,
        "--headless",
        *sandbox,
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={profile}",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={printed}",
        page.resolve().as_uri(),
    ]


def _run(command: Sequence[str], timeout_seconds: float) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise _failed(f"no answer within {timeout_seconds:g} s", f"{timeout_seconds:g} 秒内未完成") from late
    except OSError as broken:
        raise _failed(str(broken), str(broken)) from broken
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()[-_TOLD_CHARACTERS:]
        raise _failed(f"exit code {done.returncode}: {told}", f"退出码 {done.returncode}：{told}")


def _failed(english: str, chinese: str) -> PdfError:
    return PdfError(
        "pdf.failed",
        f"the browser could not print the page: {english}; the HTML was written",
        f"浏览器打印失败：{chinese}；网页版已写出",
        "open the HTML in a browser and print it from there, or run the command again with more time",
    )
