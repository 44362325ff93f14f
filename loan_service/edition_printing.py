"""How editions of rulebooks and policies are printed while they are published: who, when, what is to be done next."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from rich.console import Console
from rich.markup import escape

from loan_service.foundation.editions.publications import Publication
from loan_service.printing import folding

Line = TypeVar("Line", bound=Publication)

_STATES = {
    "proposed": "[yellow]待审批 / proposed[/yellow]",
    "approved": "[cyan]已审批，未生效 / approved, not yet in force[/cyan]",
    "in_force": "[green]生效中 / in force[/green]",
    "superseded": "[dim]已被取代 / superseded[/dim]",
    "backed_out": "[red]已撤回 / backed out[/red]",
}


def publications(
    console: Console,
    title: str,
    lines: Sequence[Line],
    today: date,
    command: Callable[[Line], str],
    note: Callable[[Line], str] = lambda _: "",
) -> None:
    """Editions with how far their publication went, and what is to be done next.

    Args:
        console: where to print.
        title: what they are editions of.
        lines: the editions.
        today: the business date.
        command: the words that approve one.
        note: what else is to be known of one.
    """
    headers = ("版本 / edition", "状态 / state", "生效 / from", "谁 / who", "内容 / content")
    table = folding(*headers, title=f"{title} · {today}")
    for line in lines:
        told = _content(line) + note(line)
        table.add_row(line.edition, _STATES[line.state], str(line.effective_from), _people(line), told)
    console.print(table)
    for line in lines:
        if line.state == "proposed":
            console.print(f"→ {command(line)} --by …（{line.author} 以外 / not {line.author}）")


def _people(line: Publication) -> str:
    steps = [f"{line.proposed_on} 提交 / proposed: {line.author}"]
    if line.approver:
        steps.append(f"{line.approved_on} 审批 / approved: {line.approver}")
    if line.backed_out_by:
        steps.append(f"{line.backed_out_on} 撤回 / backed out: {line.backed_out_by}: {line.back_out_reason}")
    return "\n".join(map(escape, steps))


def _content(line: Publication) -> str:
    cases = (
        f"用例 / cases passed: {line.cases_passed}" if line.cases_passed else "用例随程序测试 / cases: with the program"
    )
    return f"{line.content_hash[:16]}\n{cases}\n评估 / assessment {line.assessment_sha256[:16]}"
