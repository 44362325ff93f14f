"""The demo from an empty folder to a served page: simulate, run the flow, let the first weeks pass, print, serve."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from loan_service import flow, printing, schema
from loan_service.app import create_app, create_simulator
from loan_service.bank.views.headline import stands_on
from loan_service.errors import ConflictError
from loan_service.flow import FlowRun, House
from loan_service.foundation.postgres import database_server
from loan_service.processes import child, finish, wait_until_serving
from loan_service.settings import Settings
from models import compiled_card, reason_ranking, terms_run
from scoring import load_rulebook, warm_kernels


@dataclass(frozen=True)
class Servers:
    """The application (also the banks' nodes) and the simulated banks' cores, each in a process of its own."""

    settings: Settings
    app: subprocess.Popen[bytes]
    simulator: subprocess.Popen[bytes]

    def wait_for_app(self) -> None:
        """Returns once pages and nodes answer."""
        self._wait(self.app, self.settings.port, "serve")

    def wait_for_all(self) -> None:
        """Returns once the banks' cores answer too: they first live through their journals again."""
        self.wait_for_app()
        self._wait(self.simulator, self.settings.simulator_port, "simulator")

    def _wait(self, process: subprocess.Popen[bytes], port: int, name: str) -> None:
        wait_until_serving(process, f"http://{self.settings.host}:{port}/health", _log(self.settings, name))


def demo(settings: Settings, console: Console, *, serve: bool) -> None:
    """Runs the demo; what is there already is kept, so a second start only prints and serves."""
    with ExitStack() as stack:
        simulation = stack.enter_context(_simulating(settings))
        database_url = stack.enter_context(database_server(settings))
        servers = stack.enter_context(_serving(settings, database_url))
        house = stack.enter_context(flow.open_house(settings, database_url))
        if house.today < stands_on():
            printing.summary(console, _first_weeks(house, servers, console, simulation))
        printing.tables(console, house)
        servers.wait_for_app()
        if serve:
            console.print(f"Serving http://{settings.host}:{settings.port}  (Ctrl-C ends)")
            servers.app.wait()


def pipeline(settings: Settings, console: Console) -> None:
    """The flow of both wings on today's business date, with the servers it talks to."""
    with _running(settings) as (house, _):
        with printing.watching(console) as tell:
            run = _run_today(house, tell)
        printing.summary(console, run)


def advance(settings: Settings, console: Console, *, days: int, months: int) -> None:
    """Moves the demo's clock and everything that lives on it."""
    with _running(settings) as (house, _), printing.watching(console) as tell, flow.open_streets(settings) as streets:
        flow.advance(house, streets, flow.later(house.today, days, months), tell)


@contextmanager
def _running(settings: Settings) -> Iterator[tuple[House, Servers]]:
    """Both wings and every server they talk to."""
    with (
        database_server(settings) as database_url,
        _serving(settings, database_url) as servers,
        flow.open_house(settings, database_url) as house,
    ):
        servers.wait_for_all()
        yield house, servers


def _first_weeks(house: House, servers: Servers, console: Console, simulation: flow.Wait) -> FlowRun:
    """The first day, then week after week; taken up where it was left when it was cut short."""
    _compile()
    simulation()
    servers.wait_for_all()
    with printing.watching(console) as tell, flow.open_streets(house.settings) as streets:
        run = _run_today(house, tell)
        flow.advance(house, streets, stands_on(), tell)
    return run


def _compile() -> None:
    """Compiles every kernel, once per machine, while the simulation still writes."""
    warm_kernels(load_rulebook())
    compiled_card.warm_kernel()
    terms_run.warm_kernel()
    reason_ranking.warm_kernels()


def _run_today(house: House, tell: flow.Tell) -> FlowRun:
    """The flow while the models are trained beside it: two cores, two processes."""
    log = _log(house.settings, "models")
    training = child(house.settings, house.owner_url, "models", "loan_service.bank.model_pipeline")
    with training as process, flow.open_streets(house.settings) as streets:
        return flow.run(house, streets, tell, before_offers=lambda: finish(process, "model pipeline", log))


@contextmanager
def _simulating(settings: Settings) -> Iterator[flow.Wait]:
    """Starts writing the simulated files where there are none; yields what waits for them.

    The folder appears under its name when it is whole, so a simulation cut short is written again.
    """
    if settings.files_dir or settings.files.exists():
        yield lambda: None
        return
    unfinished = settings.files.with_name(settings.files.name + ".part")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["write", "--seed", str(settings.seed), "--scale", str(settings.scale), "--out", str(unfinished)]

    def wait() -> None:
        finish(process, "simulation", _log(settings, "simulation"))
        unfinished.rename(settings.files)

    with child(settings, "", "simulation", "experiments.simulation", *arguments) as process:
        yield wait


@contextmanager
def _serving(settings: Settings, database_url: str) -> Iterator[Servers]:
    with (
        child(settings, database_url, "serve", "loan_service", "serve") as app,
        child(settings, database_url, "simulator", "loan_service", "simulator") as simulator,
    ):
        yield Servers(settings, app, simulator)


def _log(settings: Settings, name: str) -> Path:
    return settings.data_dir / "logs" / f"{name}.log"


def serve(settings: Settings) -> None:
    """The application of this deployment; in the demo its clock can be moved from the page."""
    with ExitStack() as stack:
        owner_url = stack.enter_context(database_server(settings))
        schema.migrate(settings, owner_url)
        application = create_app(settings, owner_url)
        if settings.demo:
            application.state.advance = lambda seen, to: _advance_from_page(settings, seen, to)
        _listen(application, settings.host, settings.port)


def serve_simulator(settings: Settings) -> None:
    """The simulated banks' cores."""
    _listen(create_simulator(settings), settings.host, settings.simulator_port)


def _listen(application: FastAPI, host: str, port: int) -> None:
    uvicorn.run(application, host=host, port=port, log_level="warning", server_header=False)


def _advance_from_page(settings: Settings, seen: date, to: date) -> None:
    """Moves the clock while the page waits; the application that serves the page is also the banks' node."""
    with flow.open_house(settings) as house, flow.open_streets(settings) as streets:
        if house.today != seen:
            raise ConflictError("clock.moved", f"the demo clock no longer stands at {seen}", "演示日期已变动，请刷新")
        flow.advance(house, streets, to, lambda *_: None)
