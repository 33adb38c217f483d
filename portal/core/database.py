"""Open the database and name the column types that both kinds of it store alike."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Dialect, Engine, MetaData, String, Table, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from portal.core.errors import SettingsError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Compared letter by letter on PostgreSQL too, so that an index finds what begins alike.
BEGINS_ALIKE = String().with_variant(String(collation="C"), "postgresql")
WRITES = "hallpass_writes"
# Seconds for which a transaction waits for its turn to write on SQLite, in its own process and behind others.
LONGEST_QUEUE = 10.0
# A machine or a firewall that goes without a word is noticed within a minute, and not after two hours: until
# then its connection would hold locks and duties, and whoever listens on it would hear nothing.
NOTICED = {
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}


class Base(DeclarativeBase):
    """Collect the tables of the portal; every table carries `district_id`."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012  (SQLAlchemy reads it)


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for statements that read columns and no objects."""
    return cast("Table", model.__table__)


def microseconds(instant: datetime) -> int:
    """Return the whole microseconds between 1970 and an aware instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """Store an aware instant as epoch microseconds, exact and alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware instant into epoch microseconds."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn epoch microseconds into an aware instant in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


def open_engine(url: str | URL, *, connections: int = 20) -> Engine:
    """Return an engine for SQLite or PostgreSQL; nothing is connected yet, and never more than that many.

    Parameters are hidden from errors and logs: they carry names and hashes of families.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        message = (
            "HALLPASS_DATABASE_URL is no database address: "
            "write sqlite:///path or postgresql://user@host/name."
        )
        raise SettingsError(message) from None
    kept = connections // 2
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=kept,
            max_overflow=connections - kept,
            pool_pre_ping=True,
            # The connection used last knows the statements and has its rows at hand.
            pool_use_lifo=True,
            connect_args={name: value for name, value in NOTICED.items() if name not in parsed.query},
        )
    engine = create_engine(parsed, hide_parameters=True, pool_size=kept, max_overflow=connections - kept)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def reach(engine: Engine) -> None:
    """Connect once; raise SettingsError, with what to look at, where that cannot be done."""
    try:
        engine.connect().close()
    except (DBAPIError, UnicodeError) as error:
        engine.dispose()
        # The driver's own words may quote the address, and an address may hold a password.
        message = (
            f"The {engine.dialect.name} database cannot be opened ({type(error).__name__}): "
            "check HALLPASS_DATABASE_URL, and that the server runs or the folder may be written."
        )
        raise SettingsError(message) from None


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions are switched off: it would begin late and never IMMEDIATE.
    connection.isolation_level = None
    waits = f"busy_timeout={LONGEST_QUEUE * 1000:.0f}"
    for pragma in ("journal_mode=WAL", waits, "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that starts reading and then writes can be refused at once, however long the
    # busy timeout; one that will write therefore takes the write lock when it begins.
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
