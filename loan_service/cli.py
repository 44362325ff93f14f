"""The `haixia` command line: thin doors to the demo, the flow and the views."""

import signal
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from loan_service import demo as demonstration
from loan_service import (
    ecl_cli,
    flow,
    model_cli,
    offer_printing,
    policy_cli,
    portfolio_cli,
    printing,
    recourse_printing,
    rulebook_cli,
)
from loan_service.bank.views.offer import household_offer
from loan_service.bank.views.why import offer_why
from loan_service.errors import HaixiaError
from loan_service.foundation.database import transaction
from loan_service.settings import Settings
from models.errors import ModelsError
from models.recourse_answer import Wish

app = typer.Typer(help="Haixia Honesty Loan · 海霞诚信贷", no_args_is_help=True, pretty_exceptions_enable=False)
clock_app = typer.Typer(help="The demo's own business date · 演示日期", no_args_is_help=True)
intake_app = typer.Typer(help="Agencies' files · 数据归集", no_args_is_help=True)
app.add_typer(intake_app, name="intake")
app.add_typer(clock_app, name="clock")
app.add_typer(model_cli.app, name="model")
app.add_typer(rulebook_cli.app, name="rulebook")
app.add_typer(policy_cli.app, name="policy")
app.command("ecl-inputs")(ecl_cli.ecl_inputs)
app.command("portfolio")(portfolio_cli.portfolio)

console = Console()


def main() -> None:
    """Runs the command line; an error of ours ends with its remedy instead of a traceback."""
    # Being asked to end is an orderly end: children are ended too, and the database is closed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        app()
    except ModelsError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise SystemExit(1) from error
    except HaixiaError as error:
        console.print(f"[red]{error.chinese}\n{error.english}[/red] ({error.code})")
        if error.remedy:
            console.print(f"→ {error.remedy}")
        raise SystemExit(1) from error


@app.command()
def demo(
    *,
    serve: Annotated[bool, typer.Option(help="serve the pages after the tables")] = True,
) -> None:
    """Simulate a district where there is none yet, run the whole flow and its first weeks, print the tables, serve."""
    demonstration.demo(Settings(), console, serve=serve)


@app.command()
def pipeline() -> None:
    """Run the flow of both wings on today's business date; a second run changes nothing."""
    demonstration.pipeline(Settings(), console)


@app.command()
def serve() -> None:
    """Serve the REST resources and pages of this deployment."""
    demonstration.serve(Settings())


@app.command()
def simulator() -> None:
    """Serve the simulated banks' cores (demo only)."""
    demonstration.serve_simulator(Settings())


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="person id, or an 18-digit resident identity number")],
    as_of: Annotated[str, typer.Option(help="the day in question, YYYY-MM-DD; default: today's business date")] = "",
) -> None:
    """Show every point of one index: rule, event, source record, expiry; sums exactly."""
    with flow.open_house(Settings()) as house:
        day = date.fromisoformat(as_of) if as_of else house.today
        printing.ledger(console, flow.explain(house, person, day))


@app.command()
def offer(
    household: Annotated[str, typer.Argument(help="the bank's own key of the household")],
    bank: Annotated[str, typer.Option(help="bank code")] = "island_rural",
    *,
    why: Annotated[bool, typer.Option(help="all that it rests on; and whether it comes out the same today")] = False,
) -> None:
    """Show what a household is offered, what a grade is worth to it in yuan a year, and why."""
    with flow.open_house(Settings()) as house, transaction(house.bank.engine) as connection:
        if why:
            offer_printing.why(console, offer_why(connection, bank, household, house.today))
        else:
            offer_printing.offer(console, household_offer(connection, bank, household, house.today))


@app.command()
def recourse(
    person: Annotated[str, typer.Argument(help="person id, or an 18-digit resident identity number")],
    can: Annotated[
        list[str] | None, typer.Option(help="a kind of thing that can be done; asked for if not given")
    ] = None,
    months: Annotated[
        int | None, typer.Option(help="the term the household would ask for; default: the longest")
    ] = None,
    purpose: Annotated[
        list[str] | None, typer.Option(help="what else the money would really be for, such as vessel_engine")
    ] = None,
) -> None:
    """Show what can be done for a better grade, what that is worth at each bank in yuan a year, and bank-side steps."""
    able = can if can is not None else _asked()
    with flow.open_house(Settings()) as house:
        told = flow.recourse(house, person, able, Wish(term_months=months), purpose or ())
    recourse_printing.recourse(console, told)


def _asked() -> list[str]:
    """Asks what can be done, thing by thing; where nobody can answer, the questions are printed and nothing assumed."""
    if not sys.stdin.isatty():
        recourse_printing.questions(console)
        return []
    return [kind for kind, name in recourse_printing.kinds().items() if typer.confirm(f"{name.zh} / {name.en}?")]


@app.command()
def offers(
    to: Annotated[Path, typer.Argument(help="a .parquet file to write")],
) -> None:
    """Write every living offer of every bank to a Parquet file."""
    with flow.open_house(Settings()) as house:
        console.print(f"{flow.export_offers(house, to):,} → {to}")


@app.command()
def report() -> None:
    """Print the funnel and the programme's headline: published, simulated, difference."""
    with flow.open_house(Settings()) as house:
        printing.tables(console, house)


@app.command()
def sources() -> None:
    """List the declared contract of every feed and register."""
    printing.contracts(console)


AsJson = Annotated[bool, typer.Option("--json", help="one line with rows and CPU seconds, for machines")]


@intake_app.command("land")
def intake_land(*, as_json: AsJson = False) -> None:
    """Land registers, consents and feeds without going on; a file known already stays as it is."""
    with flow.open_house(Settings()) as house:
        printing.intake(console, flow.take_in(house), as_json=as_json)


@intake_app.command("check")
def intake_check(*, as_json: AsJson = False) -> None:
    """Say what landing the feeds would say, without writing anything: for an agency before it delivers."""
    with flow.open_house(Settings()) as house:
        printing.intake(console, flow.check_intake(house), as_json=as_json)


@clock_app.command("show")
def clock_show() -> None:
    """Print the business date."""
    with flow.open_house(Settings()) as house:
        console.print(house.today.isoformat())


@clock_app.command("advance")
def clock_advance(
    days: Annotated[int, typer.Option(min=0, help="calendar days")] = 0,
    months: Annotated[int, typer.Option(min=0, help="calendar months, clamped to month end")] = 0,
) -> None:
    """Move the demo forward: expiry, applications, draws, repayments and clocks move with it."""
    demonstration.advance(Settings(), console, days=days, months=months)
