"""Challengers look at the same inputs as the offers that stand; what they say is kept beside and reaches no offer."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from loan_service.bank.store import model_ledger, shadow_results
from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.promotions import Promotion
from loan_service.bank.store.rows import batch_leaf
from models.feature_spec import declared_features
from models.features import Floats, make_features
from models.scorecard import Scorecard


def score_challengers(
    connection: Connection, bank_code: str, champions: Mapping[str, Promotion], standing: pa.Table, day: date
) -> int:
    """Scores every challenger of a bank beside the offers that stand; an offer scored already is left alone.

    Args:
        connection: an open transaction of the bank wing.
        bank_code: the bank.
        champions: the cards that serve, by kind.
        standing: households whose standing offer was made of exactly today's inputs (`Maker.standing`).
        day: the business date; challengers whose run has ended say nothing.

    Returns:
        Results that are new.
    """
    challengers = model_ledger.challengers(connection, bank_code, day)
    return sum(_score(connection, one, champions, standing, day) for one in challengers)


def _score(
    connection: Connection, challenger: ModelCard, champions: Mapping[str, Promotion], inputs: pa.Table, day: date
) -> int:
    known = pa.array(
        shadow_results.scored_offers(connection, challenger.model_name, challenger.model_version), pa.string()
    )
    new = inputs.filter(pc.invert(pc.is_in(inputs["last_offer_id"], known)))
    champion = champions.get(challenger.kind)
    if champion is None or not new.num_rows:
        return 0
    offers = new["last_offer_id"].to_pylist()
    keys = [f"{challenger.stamp}/{offer_id}" for offer_id in offers]
    leaf_id = batch_leaf(connection, "shadow_results", challenger.bank_code, keys, day)
    constant = {
        "model_name": challenger.model_name,
        "model_version": challenger.model_version,
        "bank_code": challenger.bank_code,
        "kind": challenger.kind,
        "champion_version": champion.version,
        "scored_on": day,
        "leaf_id": leaf_id,
    }
    households = with_figures(new)
    rows = {
        **{name: pa.repeat(pa.scalar(value), new.num_rows) for name, value in constant.items()},
        "offer_id": new["last_offer_id"],
        "household_ref": new["household_ref"],
        "champion_probability": pa.array(_probability(households, champion.scorecard, challenger.kind)),
        "default_probability": pa.array(_probability(households, challenger.scorecard, challenger.kind)),
    }
    return shadow_results.append_results(connection, pa.table(rows))


def _probability(households: pa.Table, scorecard: str, kind: str) -> Floats:
    card = Scorecard.from_json(scorecard)
    spec = declared_features("full" if kind == "full" else "baseline")
    return card.default_probability(card.check_features(make_features(households, spec)))
