"""Write a PostgreSQL database out and in with the programs of PostgreSQL itself."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from portal.core.errors import SettingsError


def dump(url: URL, path: Path) -> None:
    """Run pg_dump: one snapshot, and nobody who works meanwhile waits."""
    _run("pg_dump", url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={path}"])


def load(url: URL, path: Path) -> None:
    """Run pg_restore in one transaction: a kill half-way leaves the database as empty as it was."""
    _run("pg_restore", url, ["--single-transaction", "--no-owner", "--no-privileges", str(path)])


def _run(program: str, url: URL, options: list[str]) -> None:
    found = shutil.which(program)
    if found is None:
        message = (
            f"{program} is not on the PATH: install the client programs of PostgreSQL (on Debian "
            "postgresql-client), of the server's version or newer, and run this again."
        )
        raise SettingsError(message)
    # The password never stands among the arguments, where everybody on the machine may read it; an address
    # may name it behind its question mark, too.
    query = {name: value for name, value in url.query.items() if name != "password"}
    address = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, query
    ).render_as_string(hide_password=False)
    password = url.password or url.query.get("password")
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603  (a program of PostgreSQL, with an address of our own settings)
        [found, f"--dbname={address}", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # Its words may quote the address; of them only what is wrong is told.
        said = done.stderr.strip().splitlines() or [""]
        mismatch = "server version mismatch" in done.stderr
        why = "it is older than the server" if mismatch else said[0].rpartition("error: ")[2]
        message = f"{program} ({found}) could not do it: {why}. Mend that and run this again."
        raise SettingsError(message)
