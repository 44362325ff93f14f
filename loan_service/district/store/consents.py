"""Rows of consent acts."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from loan_service.district.store.intake import known_contents
from loan_service.district.store.tables import consent_acts
from loan_service.foundation.database import append

Ints = NDArray[np.int64]


def known_acts(connection: Connection, act_ids: Ints) -> tuple[Ints, Ints]:
    """Which of these acts are known, ascending, and the content ids they came with."""
    return known_contents(connection, consent_acts, "act_id", act_ids)


def append_acts(connection: Connection, acts: pa.Table, file_id: int) -> None:
    """Acts of consent as they were delivered."""
    append(connection, consent_acts, acts.append_column("file_id", pa.array([file_id] * acts.num_rows, pa.int64())))
