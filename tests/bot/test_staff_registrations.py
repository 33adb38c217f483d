"""Staff print what families registered for as CSV, each line once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.commands import hallpass
from bot.staff import registration_lines
from portal.core.errors import SettingsError
from portal.records.course_requests import Registered
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.next_year import offered
from tests.support.portals import make_district, make_parent, sign_in

HEADER = "studentIdentifier,courseSourcedId,schoolYear,status,at"
GEOMETRY = "NS1,C-GEO,2028,requested,2026-10-15T10:00:00-04:00"


@pytest.fixture
def registered(portal: Portal, tmp_path: Path) -> None:
    """Let Maya be registered for geometry."""
    make_district(portal)
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(offered().folder(tmp_path / "next-year")))
        maya = tx.imports.find_student("westborough", "NS1")
    assert maya is not None
    make_parent(portal, children=[maya.id])
    sign_in(portal)
    with portal.begin() as tx:
        done = tx.registration.register("conversation", "Maya", ["Geometry"], "turn")
    assert isinstance(done, Registered)


@pytest.mark.requirement("R99")
@pytest.mark.usefixtures("registered")
def test_new_registrations_are_printed_once_and_again_when_asked(portal: Portal) -> None:
    first = registration_lines(portal, None)
    second = registration_lines(portal, "westborough")
    again = registration_lines(portal, None, again=True)

    assert first == [HEADER, GEOMETRY]
    assert second == [HEADER]
    assert again == [HEADER, GEOMETRY]


@pytest.mark.usefixtures("registered")
def test_the_district_must_be_named_where_there_are_several(portal: Portal) -> None:
    make_district(portal, "boston")

    with pytest.raises(SettingsError, match="--district"):
        registration_lines(portal, None)

    assert registration_lines(portal, "boston") == [HEADER]


@pytest.mark.usefixtures("registered")
def test_the_command_prints_what_another_program_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    folder = tmp_path / "districts"
    folder.mkdir()
    options = "name: Westborough\nportal_url: https://portal.example\ntime_zone: America/New_York\n"
    (folder / "westborough.yml").write_text(options)
    monkeypatch.setenv("HALLPASS_VAR", str(tmp_path))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)

    first = CliRunner().invoke(hallpass, ["staff", "registrations", "--district", "westborough"])
    again = CliRunner().invoke(hallpass, ["staff", "registrations", "--again"])

    assert (first.exit_code, first.output) == (0, f"{HEADER}\n{GEOMETRY}\n")
    assert again.output == first.output
