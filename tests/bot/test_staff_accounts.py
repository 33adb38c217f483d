"""The accounts of staff are looked after at the command line, where the first administrator comes from."""

import re
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.commands import hallpass
from bot.demo.sheet import Demo, write_sheet
from bot.settings import Settings, read_settings
from bot.staff_accounts import add, change_role, demo_code, disable, enable, listed, reset
from portal.core.errors import SettingsError
from portal.core.models import AuditRow
from portal.core.secret import Secret
from portal.helpdesk.staff.outcomes import NewStaff, StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.families import import_roster
from tests.support.portals import make_district
from tests.support.rosters import small_roster
from tests.support.staff import EMAIL, join

LINK = re.compile(r"  https://hallpass\.example/helpdesk/join#([\w-]{43})")
DANA = NewStaff("westborough", EMAIL, "Dana Whitlock", Role.DESK)


@pytest.fixture
def settings(portal: Portal, tmp_path: Path) -> Settings:
    make_district(portal)
    address = {"HALLPASS_VAR": str(tmp_path / "var"), "HALLPASS_PUBLIC_URL": "https://hallpass.example/"}
    return read_settings(address)


def token_in(lines: list[str]) -> Secret:
    found = LINK.fullmatch(lines[1])
    assert found is not None, lines
    return Secret(found.group(1))


def rows(portal: Portal) -> list[AuditRow]:
    with portal.begin(read_only=True) as tx:
        query = select(AuditRow).where(AuditRow.event.startswith("staff."))
        return list(tx.session.scalars(query.order_by(AuditRow.number)))


def test_added_member_is_listed_until_let_go(portal: Portal, settings: Settings) -> None:
    lines = add(settings, portal, replace(DANA, role=Role.AUDITOR), ())
    invited = listed(portal, None)
    gone = disable(portal, EMAIL, "left the district")
    again = disable(portal, EMAIL, "left the district")
    let_go = listed(portal, None)
    back = enable(portal, EMAIL, "is back")

    assert lines[0].endswith("once, until 2026-10-18 10:00:")
    shown = [cell.strip() for cell in invited[1].split("  ") if cell.strip()]
    assert shown == [EMAIL, "Dana Whitlock", "auditor", "invited until 2026-10-18 10:00", "-"]
    assert gone == f"{EMAIL} is signed out and cannot sign in any more."
    assert again == f"{EMAIL} was let go before."
    assert "let go 2026-10-15 10:00" in let_go[1]
    assert back == f"{EMAIL} may sign in again."
    assert [row.event for row in rows(portal)] == ["staff.invited", "staff.disabled", "staff.enabled"]
    assert all('"by": "command line: ' in row.details for row in rows(portal))


def test_reset_voids_the_first_link_and_what_it_set_up(
    portal: Portal, settings: Settings, clock: FakeClock
) -> None:
    first = token_in(add(settings, portal, DANA, ()))
    second = token_in(reset(settings, portal, EMAIL, "the link was lost"))

    late, joined = join(portal, first), join(portal, second)
    token_in(reset(settings, portal, EMAIL, "lost telephone"))

    assert not isinstance(late, StaffMember)
    assert isinstance(joined, StaffMember)
    assert "works here" not in listed(portal, None)[1]


@pytest.mark.parametrize("after", [71, 72])
def test_link_is_good_for_three_days(
    portal: Portal, settings: Settings, clock: FakeClock, after: int
) -> None:
    token = token_in(add(settings, portal, DANA, ()))
    clock.advance(hours=after)

    outcome = join(portal, token)

    assert isinstance(outcome, StaffMember) == (after < 72)


def test_school_administrator_is_bound_to_schools_by_name_or_id(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    import_roster(portal, tmp_path, small_roster(), "westborough")
    with portal.begin(read_only=True) as tx:
        (school, name), *_ = tx.staff.schools("westborough").items()
    administrator = replace(DANA, role=Role.SCHOOL_ADMINISTRATOR)
    add(settings, portal, administrator, (name.upper(),))

    by_id = change_role(portal, EMAIL, Role.AUDITOR, ())
    changed = change_role(portal, EMAIL, Role.SCHOOL_ADMINISTRATOR, (school,))

    assert by_id == f"{EMAIL} is auditor from now on, also in pages that are open."
    assert changed.startswith(f"{EMAIL} is school_administrator")
    assert name in listed(portal, None)[1]
    assert [row.event for row in rows(portal)] == ["staff.invited", "staff.changed", "staff.changed"]


def test_what_cannot_be_is_one_sentence(portal: Portal, settings: Settings) -> None:
    add(settings, portal, DANA, ())
    school = replace(DANA, email="b@schools.example", role=Role.SCHOOL_ADMINISTRATOR)

    for new, schools, said in (
        (DANA, (), "works here already"),
        (replace(DANA, email="no address"), (), "no e-mail address"),
        (replace(DANA, email="b@schools.example", name=" "), (), "--name"),
        (school, (), "at least one --school"),
        (school, ("No Such High",), "There is no school 'No Such High' in westborough"),
        (replace(DANA, district="nowhere"), (), "--district"),
    ):
        with pytest.raises(SettingsError, match=said):
            add(settings, portal, new, schools)
    with pytest.raises(SettingsError, match="have that role already"):
        change_role(portal, EMAIL, Role.DESK, ())
    with pytest.raises(SettingsError, match="Nobody with the address"):
        disable(portal, "x@schools.example", "why")
    with pytest.raises(SettingsError, match="--reason"):
        disable(portal, EMAIL, "  ")


def test_code_of_somebody_of_the_demo_is_what_their_app_shows(portal: Portal, settings: Settings) -> None:
    secret = pyotp.random_base32()
    write_sheet(settings.var, Demo((), ({"email": EMAIL, "totp_secret": secret},)))

    shown = demo_code(settings, portal, EMAIL)

    assert shown == pyotp.TOTP(secret).at(portal.clock.now())
    with pytest.raises(SettingsError, match=EMAIL):
        demo_code(settings, portal, "nobody@schools.example")


def test_commands_reach_the_database_that_the_environment_names(
    portal: Portal, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLPASS_VAR", str(settings.var))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", database_url)
    monkeypatch.setenv("HALLPASS_PUBLIC_URL", "https://hallpass.example")
    why = ("--reason", "a test")

    outputs = [
        CliRunner().invoke(hallpass, ["staff", *given]).output
        for given in (
            ("add", EMAIL, "--name", "Dana Whitlock"),
            ("list",),
            ("role", EMAIL, "auditor"),
            ("disable", EMAIL, *why),
            ("enable", EMAIL, *why),
            ("reset-factor", EMAIL, *why),
            ("code", EMAIL),
        )
    ]

    said = (
        "Hand them",
        "email",
        f"{EMAIL} is auditor",
        "signed out",
        "may sign in",
        "Hand them",
        "nobody of the demo",
    )
    assert all(words in output for words, output in zip(said, outputs, strict=True)), outputs
