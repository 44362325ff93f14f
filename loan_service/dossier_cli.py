"""`haixia model dossier` and `check-dossier`: a version's pages written, and every figure in them held against it."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from loan_service.bank.stages.model_dossier import Check, check_dossier, current_facts, file_dossier, stored_facts
from loan_service.errors import RefusedError
from loan_service.foundation.pdf import print_pdf
from loan_service.foundation.wing import Wing

if TYPE_CHECKING:
    from datetime import date

    from models.registry import Registry

FACTS, PAGE, PRINT = "facts.json", "dossier.html", "dossier.pdf"
DIFFERENCES_TOLD = 20


def write_dossier(
    console: Console,
    wing: Wing,
    registry: "Registry",
    stamp: str,
    by: str,
    today: "date",
    into: Path | None,
    *,
    pdf: bool,
) -> None:
    """Writes facts, page and PDF of a version into a folder, keeps facts and page with it, files the paper.

    Args:
        console: where to tell.
        wing: the bank wing.
        registry: holds the version.
        stamp: such as `island_rural.baseline/3`.
        by: who makes it.
        today: the business date.
        into: the folder; None: below the data folder.
        pdf: whether to print; without a browser the HTML is written all the same, then PdfError is raised.
    """
    from models.dossier.render import render

    facts = current_facts(wing, registry, stamp, today)
    page = render(facts)
    folder = into or folder_of(wing, stamp)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).write_text(facts.text, encoding="utf-8")
    (folder / PAGE).write_bytes(page)
    paper = file_dossier(wing, registry, stamp, facts, by)
    name, _, version = stamp.rpartition("/")
    registry.attach(name, version, {f"dossier/{PAGE}": page})
    console.print(f"{stamp}: {paper.reference} · {by} · {paper.dated_on}\n→ {escape(str(folder / PAGE))}")
    if pdf:
        print_pdf(folder / PAGE, folder / PRINT)
        console.print(f"→ {escape(str(folder / PRINT))}")


def check(console: Console, wing: Wing, registry: "Registry", stamp: str, file: Path | None) -> bool:
    """Compares a stored dossier with the registered version, prints what differs, and says whether all agrees.

    Args:
        console: where to tell.
        wing: the bank wing.
        registry: holds the version.
        stamp: such as `island_rural.baseline/3`.
        file: facts.json or dossier.html; None: the facts kept with the version, and its page if the folder has one.
    """
    text, page = _stored(wing, registry, stamp, file)
    found = check_dossier(wing, registry, stamp, text, page)
    _told(console, stamp, found, page=page is not None)
    return found.agrees


def folder_of(wing: Wing, stamp: str) -> Path:
    """Where a version's dossier lies unless a folder is given."""
    return wing.settings.data_dir / "dossiers" / stamp


def _stored(wing: Wing, registry: "Registry", stamp: str, file: Path | None) -> tuple[str, bytes | None]:
    from models.dossier.render import facts_within

    if file is None:
        page = folder_of(wing, stamp) / PAGE
        return stored_facts(registry, stamp), page.read_bytes() if page.is_file() else None
    content = file.read_bytes()
    if file.suffix == ".json":
        return content.decode(), None
    try:
        return facts_within(content).text, content
    except ValueError as error:
        raise RefusedError(
            "model.dossier_text", f"{file} carries no facts", f"{file} 中没有事实", "give facts.json or dossier.html"
        ) from error


def _told(console: Console, stamp: str, found: Check, *, page: bool) -> None:
    console.print(f"{stamp}: 比对 {found.figures:,} 个数字，差异 {len(found.differences)} 处")
    console.print(f"{stamp}: {found.figures:,} figures compared, {len(found.differences)} differences")
    for one in found.differences[:DIFFERENCES_TOLD]:
        console.print(f"  [red]{escape(one.told())}[/red]")
    if len(found.differences) > DIFFERENCES_TOLD:
        console.print(f"  … {len(found.differences) - DIFFERENCES_TOLD:,} 处未列出 / more")
    if not found.filed:
        console.print("[red]存档的摘要不在账簿中 / the ledger holds no such digest: these facts were never filed[/red]")
    if found.page_lines:
        console.print("[red]网页与其事实不符 / the page is not the one its facts give[/red]")
        for line in found.page_lines:
            console.print(f"  {escape(line)}")
    elif page:
        console.print("网页与其事实一致 / the page is the one its facts give")
