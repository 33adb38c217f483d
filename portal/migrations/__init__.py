"""Bring a database's tables to the newest form."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from portal.core.database import WRITES
from portal.core.errors import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
# Any number will do, as long as every worker that starts asks for the same one.
LOCK = 7_345_231
NEWER = (
    "The database is of a newer version of Hallpass (its tables are of revision {found}, this version knows "
    "{head}): start the newer version again, or restore the backup from before the upgrade."
)


def migrate(engine: Engine) -> None:
    """Make or change the tables until they are what this version needs; workers may start at once.

    All of it or nothing: whoever is killed half-way leaves the tables as they were. Raises SettingsError
    where a newer version was here.
    """
    with engine.connect() as connection:
        # Only a look: it must not wait for whoever writes just now.
        found = revision_of(connection.execution_options(**{WRITES: False}))
    if found == head():
        return
    if (found or "") > head():
        raise SettingsError(NEWER.format(found=found, head=head()))
    # Imported late: almost every start finds nothing to do, and should not wait for it.
    from alembic import command  # noqa: PLC0415

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(configuration(connection), "head")


def head() -> str:
    """Return the newest revision, which is the highest number among the files; empty when none."""
    return max((path.name[:4] for path in FOLDER.glob("versions/[0-9]*.py")), default="")


def configuration(connection: Connection) -> "Config":
    """Return what Alembic needs to work on one connection, without a file of settings."""
    from alembic.config import Config  # noqa: PLC0415  (as above)

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """Return the revision that the tables are of; None where there are none."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    return found
