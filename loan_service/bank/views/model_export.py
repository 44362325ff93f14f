"""A version's scorecard in other hands: its own text, one SQL query, or a printed page."""

from typing import Literal

from loan_service.bank.store import model_ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.connection import Connection
from models.errors import FlatScorecardError
from models.exports.printed import printed
from models.exports.scale_loader import load_scale
from models.exports.sql import to_sql
from models.feature_spec import Kind, declared_features
from models.scorecard import Scorecard

Form = Literal["json", "sql", "printed"]


def exported_model(
    connection: Connection, model_name: str, form: Form, *, version: str = "", table_name: str = "household_features"
) -> str:
    """A scorecard as text.

    Args:
        connection: The bank wing's.
        model_name: Such as `island_rural.baseline`.
        form: `json` (the very bytes that serve), `sql` or `printed` (HTML).
        version: Its version; empty takes the one that serves.
        table_name: For `sql`, the table with one row per household and one column per feature.

    Raises:
        NotFoundError: There is no such version, or none serves.
        RefusedError: The card cannot be told in points.
    """
    found = _found(connection, model_name, version)
    card = Scorecard.from_json(found.scorecard)
    if form == "json":
        return found.scorecard
    if form == "sql":
        return to_sql(card, table_name, level_names=True) + ";\n"
    return _printed(card, found)


def _found(connection: Connection, model_name: str, version: str) -> ModelCard:
    if version:
        found = model_ledger.card_of(connection, model_name, version)
    else:
        found = model_ledger.champion(connection, model_name)
    if found is None:
        raise NotFoundError(
            "models.unknown_version",
            f"{model_name} has no version {version or 'that serves'}",
            f"{model_name} 没有{f'版本 {version}' if version else '正在使用的版本'}",
            "haixia model inventory",
        )
    return found


def _printed(card: Scorecard, found: ModelCard) -> str:
    names = {one.name: (one.name_zh, one.name_en) for one in declared_features(_kind(found)).declarations}
    try:
        return printed(card, load_scale(), names)
    except FlatScorecardError as error:
        told = str(error)
        raise RefusedError("models.flat_scorecard", told, told, "--format json") from error


def _kind(found: ModelCard) -> Kind:
    return "full" if found.kind == "full" else "baseline"
