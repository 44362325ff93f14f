"""Offers for fitting: the banks' own models and policies over simulated files, with grades by the true index.

The district's wing does not run here: grades are read from the truth, to which intake and scoring come close.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from experiments.simulation.arrays import Flags, Floats, Ints
from experiments.simulation.config import BANKS
from experiments.simulation.points import GRADES, grades
from models import declared_features, make_features
from models.policy_loader import load_policy
from models.preapproval import preapprove
from models.training import train

PRICED_ON = dt.date(2026, 6, 15)
TRAINING_SEED = 1


def offers_for(files_dir: Path) -> pa.Table:
    """What each bank would offer each household of its file on the demo day.

    Args:
        files_dir: folder that `write` filled, truth included.

    Returns:
        Columns bank_code, household_ref, decision (offer, decline, refer), limit_fen (0 unless offered).
    """
    truth = pyarrow.parquet.read_table(files_dir / "truth" / "bank_households.parquet")
    return pa.concat_tables([_offers_of(files_dir, code, truth) for code in BANKS])


def _offers_of(files_dir: Path, bank_code: str, truth: pa.Table) -> pa.Table:
    households = _read(files_dir, bank_code, "households")
    past_loans = _read(files_dir, bank_code, "past_loans")
    trained = train(past_loans, kind="baseline", seed=TRAINING_SEED, as_of=PRICED_ON)
    features = make_features(households, declared_features("baseline"))
    edition = load_policy(bank_code, PRICED_ON)
    own = truth.filter(pa.array(np.asarray(truth["bank_code"]) == bank_code))
    offers = preapprove(
        households,
        pa.array(GRADES).take(pa.array(_grades(households, own))),
        trained.scorecard.default_probability(features.values),
        edition.policy,
        edition.lpr,
        PRICED_ON,
    )
    table = offers.table()
    return pa.table(
        {
            "bank_code": pa.array([bank_code] * households.num_rows),
            "household_ref": households["household_ref"],
            "decision": table["decision"].cast(pa.string()),
            "limit_fen": table["limit_fen"].fill_null(0),
        }
    )


def _read(files_dir: Path, bank_code: str, name: str) -> pa.Table:
    (path,) = (files_dir / bank_code).glob(f"{name}_*.csv")
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=True))


def _grades(households: pa.Table, truth: pa.Table) -> Ints:
    """The better grade of borrower and spouse, where they have a token at this bank; both tables have the same rows."""
    borrower = _graded(truth["borrower_civility_points"], households["borrower_binding_token"])
    return np.maximum(borrower, _graded(truth["spouse_civility_points"], households["spouse_binding_token"]))


def _graded(points: pa.ChunkedArray, token: pa.ChunkedArray) -> Ints:
    values: Floats = points.fill_null(0.0).to_numpy()
    held: Flags = token.is_valid().to_numpy()
    return np.where(held, grades(values), 0)
