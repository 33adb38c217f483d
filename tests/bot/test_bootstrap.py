"""Bootstrap picks the way out for mail, or says in one sentence what is missing."""

from pathlib import Path

import pytest

from bot.conversation.wording import Wording
from bot.mail.office import open_mail
from bot.mail.postman import Drawer
from bot.mail.smtp import SmtpSender
from bot.settings import Settings, read_settings
from portal.core.errors import SettingsError
from portal.transaction import Portal
from tests.support.conversation import hallpass_project
from tests.support.portals import make_district

WORDING = Wording(hallpass_project())

SMTP = {
    "HALLPASS_SMTP_URL": "smtp://portal:CANARY@mail.example.org",
    "HALLPASS_MAIL_FROM": "portal@schools.example",
}
PUBLIC = {"HALLPASS_PUBLIC_URL": "https://help.schools.example"}


def settings(folder: Path, *, demo: bool = False, **environment: str) -> Settings:
    return read_settings({"HALLPASS_VAR": str(folder), **environment}, demo=demo)


async def test_demo_keeps_its_mails_in_a_drawer(portal: Portal, tmp_path: Path) -> None:
    make_district(portal)

    office = open_mail(settings(tmp_path, demo=True), portal, WORDING)

    assert office.postman is not None
    assert isinstance(office.postman._sender, Drawer)
    assert office.notices() == []


async def test_mail_server_that_is_named_is_used_also_by_the_demo(portal: Portal, tmp_path: Path) -> None:
    make_district(portal)

    office = open_mail(settings(tmp_path, demo=True, **SMTP), portal, WORDING)

    assert office.postman is not None
    assert isinstance(office.postman._sender, SmtpSender)


async def test_without_a_mail_server_nobody_carries_mail_and_it_waits(portal: Portal, tmp_path: Path) -> None:
    office = open_mail(settings(tmp_path), portal, WORDING)

    async with office.working():
        assert office.postman is None
    assert office.notices() == [
        "Mail waits in the outbox: set HALLPASS_SMTP_URL and HALLPASS_MAIL_FROM, and it leaves."
    ]


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({**SMTP, **PUBLIC, "HALLPASS_SMTP_URL": "http://CANARY"}, "HALLPASS_SMTP_URL is no address"),
        ({**SMTP, **PUBLIC, "HALLPASS_MAIL_FROM": ""}, "HALLPASS_MAIL_FROM must be the address"),
        (SMTP, "Mails of westborough need the address that families reach Hallpass at"),
    ],
)
async def test_setting_that_mail_cannot_do_without_stops_the_start(
    portal: Portal, tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    make_district(portal)

    with pytest.raises(SettingsError, match=sentence) as refused:
        open_mail(settings(tmp_path, **environment), portal, WORDING)

    assert "CANARY" not in str(refused.value)


async def test_districts_own_public_address_is_enough(portal: Portal, tmp_path: Path) -> None:
    make_district(portal, public_base_url="https://parents.westborough.example")

    office = open_mail(settings(tmp_path, **SMTP), portal, WORDING)

    assert office.postman is not None
