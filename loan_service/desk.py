"""What commands that act share: a wing with its business date, and gates accepted in writing."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date

from loan_service.errors import RefusedError
from loan_service.foundation.clock import business_date
from loan_service.foundation.database import transaction
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.schema import migrate
from loan_service.settings import Settings


@contextmanager
def open_desk(name: str) -> Iterator[tuple[Wing, date]]:
    """A wing of any deployment, and its business date."""
    settings = Settings()
    with ExitStack() as stack:
        owner_url = stack.enter_context(database_server(settings))
        migrate(settings, owner_url)
        wing = stack.enter_context(open_wing(settings, owner_url, name))
        with transaction(wing.engine) as connection:
            today = business_date(connection, demo=settings.demo)
        yield wing, today


def accepted_gates(told: Iterable[str]) -> dict[str, str]:
    """Why somebody accepts an undecided gate, by its name, from texts of the form GATE=WHY.

    Raises:
        RefusedError: a text has another form (`gate.accept_form`).
    """
    return dict(_pair(text) for text in told)


def _pair(text: str) -> tuple[str, str]:
    gate, equals, why = text.partition("=")
    if not equals:
        raise RefusedError(
            "gate.accept_form",
            f"{text!r} is not GATE=WHY",
            f"{text!r} 应写成 门槛=理由",
            "--accept calibration_slope='why'",
        )
    return gate.strip(), why.strip()
