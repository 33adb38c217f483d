"""What waits for the help desk is shown at the command line until there is a console."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.commands import hallpass
from bot.staff import waiting_cases
from portal.core.errors import SettingsError
from portal.core.models import AuditRow
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.families import asker, enroll, request_account
from tests.support.portals import make_district


def open_case(portal: Portal, **details: str) -> None:
    with portal.begin() as tx:
        tx.cases.open(
            NewCase("westborough", CaseKind.LOST_LETTER, "conversation", "webchat", "es", details=details)
        )


def test_cases_are_listed_with_what_the_family_gave(portal: Portal) -> None:
    make_district(portal)
    open_case(portal, name="Ana López", note="First line\nSecond line")

    lines = waiting_cases(portal, None)

    assert lines == [
        "case  opened            about        language  channel",
        "1     2026-10-15 10:00  lost_letter  es        webchat",
        "",
        "Case 1",
        "  name: Ana López",
        "  note: First line",
        "  note: Second line",
    ]


@pytest.mark.requirement("R115")
def test_requests_that_differ_from_the_records_are_listed_with_what_differs(
    portal: Portal, tmp_path: Path
) -> None:
    enroll(portal, tmp_path, slug="boston", account_opening="request")
    request_account(portal, first_name="Anna")

    lines = waiting_cases(portal, "boston")

    assert lines == [
        "Requests for an account that differ from the records:",
        "asked             name        email            differs",
        "2026-10-15 10:00  Anna López  ana@example.org  name_differs",
    ]


@pytest.mark.requirement("R131")
def test_requests_of_an_aspen_district_end_with_what_staff_do_next(portal: Portal, tmp_path: Path) -> None:
    enroll(portal, tmp_path, slug="boston", account_opening="request", profile="aspen")
    request_account(portal, first_name="Anna", question="First pet?", answer="Biscuit")

    assert waiting_cases(portal, "boston")[-1] == (
        "Once the parent has confirmed: Student top tab > Contacts side tab > click into the contact > "
        'Options > "Update Contact Login with email address".'
    )


def test_cases_come_before_requests(portal: Portal, tmp_path: Path) -> None:
    enroll(portal, tmp_path, account_opening="request")
    request_account(portal, asker(), first_name="Anna")
    open_case(portal, name="Ana López")

    lines = waiting_cases(portal, "westborough")

    assert lines[-4:-2] == ["", "Requests for an account that differ from the records:"]
    assert lines[0].startswith("case")


def test_what_a_family_typed_cannot_steer_the_terminal(portal: Portal) -> None:
    make_district(portal)
    open_case(portal, note="\x1b[2Jgone\u202e")

    assert waiting_cases(portal, "westborough")[-1] == "  note: ?[2Jgone?"


def test_nothing_that_waits_is_said(portal: Portal) -> None:
    make_district(portal)

    assert waiting_cases(portal, None) == ["Nothing waits for the help desk of westborough."]


def test_look_is_kept_in_the_audit(portal: Portal) -> None:
    make_district(portal)

    waiting_cases(portal, None)

    with portal.begin() as tx:
        seen = tx.session.scalars(select(AuditRow.details).where(AuditRow.event == "case.seen")).one()
    assert "command line: " in seen


def test_district_must_be_named_where_there_are_several(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")

    with pytest.raises(SettingsError, match="--district"):
        waiting_cases(portal, None)


def test_command_shows_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    folder = tmp_path / "districts"
    folder.mkdir()
    options = "name: Grand Bend\nportal_url: https://portal.example\ntime_zone: America/Chicago\n"
    (folder / "grandbend.yml").write_text(options)
    monkeypatch.setenv("HALLPASS_VAR", str(tmp_path))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)

    result = CliRunner().invoke(hallpass, ["staff", "cases"])

    assert result.exit_code == 0
    assert result.output == "Nothing waits for the help desk of grandbend.\n"
