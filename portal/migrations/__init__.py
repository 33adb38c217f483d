"""Bring a database's tables to the newest form."""

from sqlalchemy import Engine

from portal.migrations.tables import METADATA


def migrate(engine: Engine) -> None:
    """Make or change the tables until they are what this version needs."""
    METADATA.create_all(engine)
