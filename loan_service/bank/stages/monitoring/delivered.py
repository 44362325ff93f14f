"""Loans a bank delivers after a model was trained: matured outcomes the model never learned from."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from loan_service.bank.files import PAST_LOANS, BankFileError, check, day_of, read_texts, typed
from models.feature_spec import FeatureSpec
from models.features import make_features
from models.labels import label_rows
from models.monitoring.outcomes import MONTHS, Outcomes
from models.scorecard import Scorecard


@dataclass(frozen=True)
class PastLoans:
    """A bank's newest file of past loans; its content is read when a model's figures call for it, and once."""

    path: Path

    @classmethod
    def newest(cls, folder: Path, day: date) -> "PastLoans | None":
        """The newest file that speaks of a day up to the given one; None without such a file."""
        dated = {path: _day(path) for path in folder.glob(f"{PAST_LOANS.kind}_*.csv")}
        known = [path for path, on in dated.items() if on is not None and on <= day]
        return cls(max(known)) if known else None

    @cached_property
    def sha256(self) -> str:
        """The digest of its bytes, hex."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @cached_property
    def loans(self) -> pa.Table:
        """Its sound rows."""
        texts = read_texts(PAST_LOANS, self.path.name, self.path.read_bytes())
        return typed(PAST_LOANS, check(PAST_LOANS, texts, day_of(PAST_LOANS, self.path)).columns)

    def outcomes(self, card: Scorecard, spec: FeatureSpec, after: str, day: date) -> Outcomes:
        """What became of the loans drawn after a month.

        Args:
            card: the model that is held against them.
            spec: its features.
            after: the last month the model learned from, `YYYY-MM`.
            day: only loans whose twelve months were over by this day.

        Raises:
            FaultyRecordError: a record is impossible; training has told so.
        """
        kept = label_rows(self.loans, day)
        months = kept["drawn_on"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
        newer = kept.filter(pa.array(months > np.datetime64(after, "M")))
        names = ["grade" if name == "grade_at_start" else name for name in newer.column_names]
        values = card.check_features(make_features(newer.rename_columns(names), spec))
        return Outcomes(
            default_probability=card.default_probability(values),
            drawn_on=newer["drawn_on"].cast(pa.int32()).to_numpy().astype(np.int64),
            months_watched=np.full(newer.num_rows, MONTHS),
            defaulted=newer["label"].to_numpy() == 1,
        )


def _day(path: Path) -> date | None:
    try:
        return day_of(PAST_LOANS, path)
    except BankFileError:
        return None
