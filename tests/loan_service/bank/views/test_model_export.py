"""A version's card leaves the house as its own bytes, as a query that runs, and as a page."""

from datetime import date

import numpy as np
import pytest
from sqlalchemy import Connection

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.views.model_export import exported_model
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.feature_spec import declared_features
from models.scorecard import UNITS_PER_LOG_ODDS, Calibration, FeatureTable, Scorecard

NAME = "island_rural.baseline"


def card(slope: float = 1.0) -> Scorecard:
    features = []
    for one in declared_features("baseline").declarations:
        cells = np.arange((len(one.levels) or 1) + 1 + len(one.special_codes)) * UNITS_PER_LOG_ODDS
        codes = tuple(sorted(one.special_codes))
        features.append(FeatureTable(one.name, 0, one.levels, codes, np.array([]), cells, cells * 0 + 1))
    return Scorecard("baseline", "", -UNITS_PER_LOG_ODDS, tuple(features), calibration=Calibration(slope, slope, 0.0))


def develop(connection: Connection, version: str, made: Scorecard) -> None:
    shown = ModelCard(
        model_name=NAME,
        model_version=version,
        bank_code="island_rural",
        kind="baseline",
        method="trained",
        run_id=f"run-{version}",
        scorecard_sha256=made.content_hash(),
        scorecard=made.to_json(),
        data_sha256="0" * 64,
        code_version="0.1.0",
        training_data_origin="own",
        parameters={},
        metrics={},
        authored_by="Chen",
        registered_on=date(2026, 6, 15),
    )
    ledger.append_developed(connection, shown, "for export")


def test_a_version_leaves_as_its_own_bytes_as_a_query_that_runs_and_as_a_page(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        develop(connection, "1", card())
        assert exported_model(connection, NAME, "json", version="1") == card().to_json()
        query = exported_model(connection, NAME, "sql", version="1", table_name="pg_temp.households")
        declared = ", ".join(f"NULL::text AS {name}" for name in card().names)
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE households AS SELECT {declared}")
        (answer,) = connection.exec_driver_sql(query).mappings()
        nothing_known = np.full((1, len(card().features)), np.nan)
        assert answer["log_odds_units"] == card().log_odds_units(nothing_known)[0]
        page = exported_model(connection, NAME, "printed", version="1")
        assert "家庭年收入 / household income" in page


def test_an_unknown_version_and_a_model_that_nobody_made_live_are_told_as_such(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        develop(connection, "1", card())
        for version in ("", "2"):
            with pytest.raises(NotFoundError):
                exported_model(connection, NAME, "json", version=version)


def test_a_card_that_tells_nobody_apart_is_not_printed(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        develop(connection, "1", card(slope=0.0))
        with pytest.raises(RefusedError):
            exported_model(connection, NAME, "printed", version="1")
