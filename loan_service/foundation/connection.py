"""The types of an open transaction and of a table, for rooms that hand them on but speak no SQL."""

from sqlalchemy import Connection, Table

__all__ = ["Connection", "Table"]
