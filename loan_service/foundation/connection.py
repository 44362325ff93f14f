"""The types of an open transaction and of a table, for rooms that hand them on but speak no SQL; and what it sees."""

from sqlalchemy import Connection, Table, text

__all__ = ["Connection", "Table", "seen"]


def seen(connection: Connection) -> str:
    """What this transaction sees, as a text: while it stays equal, no row of the whole server has changed.

    Reading takes no transaction number, so a page that is only read leaves it as it is.
    """
    return str(connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one())
