"""Challengers look at the same inputs as the offers that stand; what they say is kept beside and reaches no offer."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from loan_service.bank.stages.offers.inputs import input_hashes
from loan_service.bank.store import model_ledger, shadow_results
from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.promotions import Promotion, live
from loan_service.bank.store.rows import batch_leaf
from models.day_policy import policy_on
from models.feature_spec import declared_features
from models.features import Floats, make_features
from models.policy_loader import PolicyEdition
from models.scorecard import Scorecard


def score_challengers(connection: Connection, edition: PolicyEdition, business_date: date, position: int) -> int:
    """Scores every challenger of a bank beside the offers that stand; an offer scored already is left alone.

    Args:
        connection: an open transaction of the bank wing.
        edition: the bank's policy with its LPR table.
        business_date: challengers whose run has ended say nothing.
        position: the sealed position up to which rows are known.

    Returns:
        Results that are new.
    """
    bank_code = edition.policy.bank_code
    challengers = model_ledger.challengers(connection, bank_code, business_date)
    if not challengers:
        return 0
    champions = live(connection, bank_code, business_date)
    inputs = _standing(connection, edition, champions, business_date, position)
    return sum(_score(connection, one, champions, inputs, business_date) for one in challengers)


def _standing(
    connection: Connection, edition: PolicyEdition, champions: dict[str, Promotion], day: date, position: int
) -> pa.Table:
    """Households whose standing offer was made of exactly today's inputs."""
    inputs = offer_inputs(connection, edition.policy.bank_code, day, position)
    hashes = input_hashes(inputs, champions, policy_on(edition.policy, edition.lpr, day), edition.edition_id)
    same = pc.equal(inputs["last_input_hash"], pa.array(hashes, pa.string()))
    return inputs.filter(pc.fill_null(same, fill_value=False))


def _score(
    connection: Connection, challenger: ModelCard, champions: dict[str, Promotion], inputs: pa.Table, day: date
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
