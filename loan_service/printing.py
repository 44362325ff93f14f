"""What the command line shows: progress while work goes on, then tables made of the wings' views."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from loan_service.bank.views.glance import BankGlance, bank_glance
from loan_service.bank.views.headline import Headline, headline
from loan_service.district.contracts import CONTRACTS, describe
from loan_service.district.files.summary import IntakeSummary
from loan_service.district.views.explanation import Entry, IndexExplanation
from loan_service.district.views.figures import DistrictFigures, district_figures
from loan_service.flow import FlowRun, House, MeasuredIntake, Tell
from loan_service.foundation.database import transaction
from models.gates import OUTCOMES_TOLD

HEADLINE_NAMES = {
    "households_signed": "签约户数 / households signed",
    "signed_fen": "签约金额 / signed",
    "households_drew": "用信户数 / households drew",
    "drawn_cumulative_fen": "累计用信 / drawn in all",
    "outstanding_fen": "用信余额 / outstanding",
}
_OUTCOME_COLOURS = {"passed": "green", "undecided": "yellow", "failed": "red"}


@contextmanager
def watching(console: Console) -> Iterator[Tell]:
    """A progress line per thing that is being done, the files of one source together."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<32}"), TextColumn("{task.completed:>9,.0f}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        lines: dict[str, TaskID] = {}
        done: dict[str, dict[str, int]] = {}

        def tell(what: str, count: int) -> None:
            line = re.sub(r"_20\d{6}.*", "", what)
            if line not in lines:
                lines[line] = progress.add_task(line, total=None)
            done.setdefault(line, {})[what] = count
            progress.update(lines[line], completed=sum(done[line].values()))

        yield tell


def summary(console: Console, run: FlowRun) -> None:
    """What could not be taken and why, and what could not be done; silence when all went well."""
    not_landed(console, run.intake)
    for bank_code, trouble in run.banks.troubles.items():
        console.print(f"[red]{bank_code}: {trouble}[/red]")
    if run.crossing.waiting:
        console.print(f"[red]{run.crossing.waiting:,} 凭证待送 / certificates wait for an unreachable bank[/red]")


def not_landed(console: Console, intake: IntakeSummary) -> None:
    """How many rows did not become records, and why."""
    table = folding("为什么 / why", "行数 / rows", title="未入库 / not landed")
    for code, count in (intake.reasons + intake.refusals).most_common():
        table.add_row(code, f"{count:,}")
    if intake.rows_without_consent:
        table.add_row("consent.none", f"{intake.rows_without_consent:,}")
    if table.row_count:
        console.print(table)


def intake(console: Console, measured: MeasuredIntake, *, as_json: bool) -> None:
    """The outcome of an intake or of its rehearsal."""
    taken = measured.summary
    if as_json:
        figures = {"rows_read": taken.rows_read, "rows_landed": taken.rows_landed, "cpu_seconds": measured.cpu_seconds}
        console.print(json.dumps(figures), soft_wrap=True, highlight=False)
        return
    console.print(f"收到 / read {taken.rows_read:,} · 入库 / landed {taken.rows_landed:,}")
    not_landed(console, taken)


def outcome(gate: str) -> str:
    """A gate's outcome in its colour."""
    return f"[{_OUTCOME_COLOURS[gate]}]{OUTCOMES_TOLD[gate]}[/]"


def folding(*headers: str, title: str) -> Table:
    """A table that breaks long lines rather than cutting them: Chinese has no spaces to break at."""
    return Table(*(Column(header, overflow="fold") for header in headers), title=title)


def funnel(console: Console, district: DistrictFigures, bank: BankGlance) -> None:
    """From records to drawn money: how many are left at each step."""
    table = folding("步骤 / step", "数量 / count", "金额（万元）/ 10,000 yuan", title=f"流程 / flow · {bank.as_of}")
    intake = district.intake
    for label, count, fen in (
        ("收到记录 / records read", intake.rows_read, None),
        ("入库 / landed", intake.rows_landed, None),
        ("重复 / repeated", intake.rows_repeated, None),
        ("待核 / in quarantine", intake.rows_quarantined, None),
        ("拒收 / refused before landing", intake.rows_refused, None),
        ("未获同意 / without consent", intake.rows_without_consent, None),
        ("行为事件 / events", district.events, None),
        ("登记居民 / registered residents", district.registered, None),
        ("开通 / enrolled", district.enrolled, None),
        ("有诚信文明分 / with an index", district.indexed, None),
        ("凭证送达 / certificates at banks", bank.certificates, None),
        ("银行所知户 / households known to banks", bank.households, None),
        ("预授信 / households with a living offer", bank.offered, bank.offered_fen),
        ("其中有加成 / of them with a bonus", bank.with_bonus, bank.bonus_fen),
        ("申请 / applied", bank.applied, None),
        ("银行同意 / agreed by the bank", bank.agreed, None),
        ("签约 / signed", bank.signed, bank.signed_fen),
        ("用信 / drew", bank.drew, bank.drawn_fen),
        ("余额 / outstanding", bank.drew, bank.outstanding_fen),
    ):
        table.add_row(label, f"{count:,}", "" if fen is None else f"{fen / 1_000_000:,.2f}")
    console.print(table)


def ledger(console: Console, told: IndexExplanation) -> None:
    """One person's ledger: every point with its source record; the last line is the sum of the others."""
    title = f"{told.name_masked} {told.as_of} · {told.edition} · {told.grade} {told.grade_name.zh}"
    table = folding(
        "指标 / indicator",
        "说明 / why",
        "日期 / day",
        "分 / points",
        "有效至 / until",
        "源记录 / source record",
        title=title,
    )
    table.add_row("", "基础分 / base", "", _points(told.base_milli), "", "")
    for dimension in told.dimensions:
        for indicator in dimension.indicators:
            for entry in indicator.entries:
                _entry(table, f"{indicator.indicator} {indicator.name.zh}", entry)
        for entry in dimension.adjusting:
            _entry(table, dimension.name.zh, entry)
    for entry in told.adjusting:
        _entry(table, "", entry)
    table.add_section()
    table.add_row("", "个人诚信文明分 / civility index", "", _points(told.index_milli), "", "")
    console.print(table)
    ending = [change for change in told.expiries if change.points_milli]
    coming = "，".join(f"{change.on} {_points(change.points_milli)}" for change in ending) or "-"
    console.print(f"到期或逐步减少的分 / points that end or step: {coming}")
    console.print(f"下次变化 / next change: {told.next_change_on or '-'} · 演示参数 / demonstration values")


def _entry(table: Table, label: str, entry: Entry) -> None:
    source = entry.source
    where = f"{source.source_code} {source.record_no} ({source.file_name}:{source.row_number})" if source else ""
    said = [entry.sentence, *filter(None, (entry.look_through, entry.remark))]
    words = "".join(each.zh for each in said) + "\n" + " ".join(each.en for each in said)
    day = str(source.occurred_on) if source else ""
    table.add_row(label, words, day, _points(entry.points_milli), str(entry.until_on or ""), where)


def _points(milli: int) -> str:
    return f"{milli / 1000:+.3f}".rstrip("0").rstrip(".") if milli else "0"


def tables(console: Console, house: House) -> None:
    """The funnel and the programme's headline on today's business date."""
    today = house.today
    with transaction(house.district.engine) as connection:
        district = district_figures(connection, today)
    with transaction(house.bank.engine) as connection:
        bank = bank_glance(connection, today)
        told = headline(connection, today, house.settings.scale)
    funnel(console, district, bank)
    programme(console, told)


def contracts(console: Console) -> None:
    """The declared contract of every source: what it may deliver, on what ground."""
    table = folding(
        "数源 / source", "类别 / class", "事件 / event", "依据 / ground", title="数据约定 / contracts of the sources"
    )
    for line in describe(CONTRACTS.values()):
        # What nobody has checked against the published text is never shown as an official fact.
        basis = line.legal_basis.replace("[M]", "（条文号待核 / article to be checked）").replace("[V]", "").strip()
        ground = " ".join(filter(None, (line.admissibility, basis, line.consent)))
        table.add_row(
            f"{line.source_code}\n{line.source}", f"{line.record_class}\n{line.meaning}", line.event_type, ground
        )
    console.print(table)


def programme(console: Console, told: Headline) -> None:
    """Published, simulated, difference; fitted figures say so."""
    title = f"{told.label_zh} / {told.label_en} · {told.as_of}"
    table = folding("", "公布 / published", "模拟 / simulated", "差 / difference", title=title)
    for row in told.figures:
        money = row.unit == "fen"
        published, simulated = (
            f"{v / 1_000_000:,.2f} 万元" if money else f"{v:,}" for v in (row.published, row.simulated)
        )
        label = HEADLINE_NAMES[row.figure] + (" *" if row.fitted else "")
        table.add_row(label, published, simulated, f"{row.difference:+.1%}")
    console.print(table)
    console.print(
        "* 拟合于种子 1–5 / fitted on seeds 1 to 5; 公布口径未说明累计或余额 / cumulative or balance is not said"
    )
