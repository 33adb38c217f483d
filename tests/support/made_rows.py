"""Add a row to any table, with what its columns need and whatever it refers to."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Boolean, Column, Date, LargeBinary, Table
from sqlalchemy.orm import Session

from portal.core.database import Instant
from portal.migrations.tables import METADATA


def make_row(session: Session, name: str, now: datetime, **given: Any) -> dict[str, Any]:
    """Add one row with the values that the test is about, and return all of its values."""
    table = METADATA.tables[name]
    row = {
        each.name: given[each.name] if each.name in given else _value(session, table, each, now)
        for each in table.columns
    }
    session.execute(table.insert(), [row])
    return row


def _value(session: Session, table: Table, column: Column[Any], now: datetime) -> Any:
    if column.name == "district_id":
        return "westborough"
    if column.nullable:
        return None
    for key in column.foreign_keys:
        return make_row(session, key.column.table.name, now)[key.column.name]
    return _made(column, now)


def _made(column: Column[Any], now: datetime) -> Any:  # noqa: PLR0911  (one kind of value each)
    match column.type:
        case Instant():
            return now
        case Boolean():
            return False
        case LargeBinary():
            return uuid4().bytes * 2
        case Date():
            return date(2026, 10, 15)
        case JSON():
            return []
        case kind if kind.python_type is int:
            return uuid4().int % 10**9
        case _:
            return uuid4().hex[: getattr(column.type, "length", None) or 32]
