"""`haixia model ...`: the life of default-risk models, from training to retirement."""

import typer

from loan_service import demo as demonstration
from loan_service import flow
from loan_service.settings import Settings

app = typer.Typer(help="Default-risk models · 风险模型", no_args_is_help=True)


@app.command()
def train() -> None:
    """Train and register every bank's two models from its past loans; a known file is not trained again."""
    with flow.open_house(Settings()) as house:
        demonstration.train(house)
