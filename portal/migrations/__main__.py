"""Write the next revision from what the models say: `python -m portal.migrations "Why"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from portal.core.database import open_engine
from portal.migrations import configuration, head, migrate


def revise(why: str) -> None:
    """Compare the models with an empty database at the newest revision, and write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder, 'empty.db')}")
        newest = head()
        if newest:
            migrate(engine)
        with engine.begin() as connection:
            number = f"{int(newest or 0) + 1:04}"
            command.revision(configuration(connection), why, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    revise(sys.argv[1])
