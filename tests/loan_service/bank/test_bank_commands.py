"""A bank on its own reads its own rows by command: nobody needs the district beside it, nor a demonstration."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loan_service.cli import app
from loan_service.foundation.wing import Wing
from loan_service.settings import Settings


@pytest.fixture
def of_a_real_bank(settings: Settings, bank: Wing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work on this worker's database as a bank's own deployment would."""
    told = {
        "DATABASE_URL": settings.database_url or "",
        "DATA_DIR": str(settings.data_dir),
        "DEPLOYMENT": "bank",
        "OPERATOR": "a bank",
        "ROLE_OF_PARTIES": "a bank",
        "AGREEMENT_REFERENCE": "none",
    }
    for name, value in told.items():
        monkeypatch.setenv(f"HAIXIA_{name}", value)


def test_a_real_bank_gets_its_ecl_inputs(
    of_a_real_bank: None, in_force: None, promote: Callable[..., None], tmp_path: Path
) -> None:
    promote()
    result = CliRunner().invoke(app, ["ecl-inputs", "--to", str(tmp_path / "ecl.csv")])
    assert result.exit_code == 0, repr(result.exception)
    assert (tmp_path / "ecl.csv").read_text("utf-8").startswith('"contract_id"')


def test_a_real_bank_sees_its_portfolio(of_a_real_bank: None, in_force: None) -> None:
    result = CliRunner().invoke(app, ["portfolio"])
    assert result.exit_code == 0, repr(result.exception)
    assert "island_rural" in result.output
