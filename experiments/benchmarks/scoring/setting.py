"""What every side of the comparison is told: the day asked about and the edition."""

from typing import Final

AS_OF: Final = 20_619
"""2026-06-15 in days since 1970-01-01."""

EDITION: Final = "2026-01"
EVENTS_PER_PERSON: Final = 20
