"""The one clock: the demo's own business date, or today in Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Column, Connection, Date, Engine, SmallInteger, Table, insert, select, update

from loan_service.errors import ConflictError
from loan_service.foundation.database import metadata

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DEMO_DAY = date(2026, 6, 15)

demo_clock = Table(
    "demo_clock",
    metadata,
    Column("only_row", SmallInteger, CheckConstraint("only_row = 1", name="only_row"), primary_key=True),
    Column("business_date", Date, nullable=False),
    schema="demo",
)


def today_in_shanghai() -> date:
    """The calendar day in the district, whatever the machine's time zone."""
    return datetime.now(SHANGHAI).date()  # noqa: TID251 - this is the door the ban points to


def business_date(connection: Connection, *, demo: bool) -> date:
    """The day this deployment lives in."""
    if not demo:
        return today_in_shanghai()
    return connection.execute(select(demo_clock.c.business_date)).scalar_one_or_none() or FIRST_DEMO_DAY


def start_demo_clock(engine: Engine) -> None:
    """Sets the first day where no day is set yet."""
    with engine.begin() as connection:
        if connection.execute(select(demo_clock.c.business_date)).first() is None:
            connection.execute(insert(demo_clock).values(only_row=1, business_date=FIRST_DEMO_DAY))


def move_demo_clock(connection: Connection, expected: date, to: date) -> None:
    """Moves the demo's day forward from the day the caller saw, so that a double click advances once.

    Raises:
        ConflictError: somebody moved the clock meanwhile, or `to` is not later.
    """
    moved = connection.execute(
        update(demo_clock)
        .where(demo_clock.c.business_date == expected, demo_clock.c.business_date < to)
        .values(business_date=to)
    )
    if moved.rowcount != 1:
        raise ConflictError(
            "clock.moved",
            f"the demo clock no longer stands at {expected}, or {to} is not later",
            "演示日期已变动，请刷新页面",
            "reload and try again",
        )
