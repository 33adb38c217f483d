"""Staff announce to the families of their schools; each reads it in the family's language."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from starlette.types import ASGIApp

from portal.core.audit import AuditEvent
from portal.core.models import AuditRow
from portal.helpdesk.staff.roles import Role
from portal.sis.announcements import AnnouncementRow
from portal.sis.models import School
from portal.transaction import Portal
from tests.support.clock import START
from tests.support.console import at_work, make_staff, press
from tests.support.public_site import hidden, read

NEW = "/helpdesk/announcements/new"
LIST = "/helpdesk/announcements"
TODAY = START.date()
FAIR = {
    "title.en": "Book fair",
    "text.en": "In the library.",
    "title.es": "Feria",
    "text.es": "En la biblioteca.",
}


def school_of(portal: Portal) -> str:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(School.id).where(School.type == "school")).one()


def days(until: date = TODAY + timedelta(days=7)) -> dict[str, str]:
    return {"since": TODAY.isoformat(), "until": until.isoformat()}


def kept(portal: Portal) -> list[AnnouncementRow]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AnnouncementRow)))


async def test_announcement_is_written_changed_and_taken_back(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    school = school_of(portal)
    staff = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=[school])
    async with at_work(site, portal, staff) as browser:
        written = await press(browser, NEW, school=school, **days(), **FAIR, step="save")
        listed = await browser.get(written.headers["location"])
        address = f"{LIST}/{kept(portal)[0].announcement_id}"
        changed = await press(browser, address, school=school, **days(), **{**FAIR, "title.en": "Fair"})
        again = await browser.get(LIST)
        removed = await press(browser, address, step="remove")
        gone = await browser.get(address)

    assert "Saved. Families see it on its days." in read(listed)
    assert "Book fair Assabet Ridge School 2026-10-15 2026-10-22 English, Español Dana Whitlock" in read(
        listed
    )
    assert (changed.status_code, removed.status_code, gone.status_code) == (303, 303, 404)
    assert "Fair Assabet" in read(again)
    events = (
        AuditEvent.ANNOUNCEMENT_WRITTEN,
        AuditEvent.ANNOUNCEMENT_CHANGED,
        AuditEvent.ANNOUNCEMENT_REMOVED,
    )
    with portal.begin(read_only=True) as tx:
        noted = list(tx.session.scalars(select(AuditRow).order_by(AuditRow.number)))
    assert [row.event for row in noted][-3:] == list(events)
    assert f"staff:{staff}" in noted[-1].details
    assert "Fair" not in noted[-1].details


async def test_same_form_sent_twice_announces_once(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        page = await browser.get(NEW)
        sent = {**hidden(page), "school": "every", **days(), **FAIR, "step": "save"}
        answers = [await browser.post(NEW, data=sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "Somebody has done this already" in read(answers[1])
    assert len(kept(portal)) == 1


async def test_two_staff_on_one_announcement_do_not_overwrite_each_other(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        await press(browser, NEW, school="every", **days(), **FAIR, step="save")
        address = f"{LIST}/{kept(portal)[0].announcement_id}"
        seen = hidden(await browser.get(address))
        answers = [
            await browser.post(address, data={**seen, "school": "every", **days(), **FAIR, "text.en": text})
            for text in ("First.", "Second.")
        ]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert kept(portal)[0].texts["en"][1] == "First."


@pytest.mark.case("T1")
async def test_school_administrator_announces_for_no_other_school(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    school = school_of(portal)
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        await press(browser, NEW, school="every", **days(), **FAIR, step="save")
    address = f"{LIST}/{kept(portal)[0].announcement_id}"
    staff = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=["elsewhere"])
    async with at_work(site, portal, staff) as browser:
        listed = await browser.get(LIST)
        answers = [
            await browser.get(address),
            await press(browser, NEW, school="every", **days(), **FAIR),
            await press(browser, NEW, school=school, **days(), **FAIR),
        ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Book fair" not in read(listed)
    assert len(kept(portal)) == 1


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", [Role.DESK, Role.AUDITOR])
async def test_nobody_else_announces(
    portal: Portal, families: dict[str, str], site: ASGIApp, role: Role
) -> None:
    async with at_work(site, portal, make_staff(portal, role)) as browser:
        seen = [await browser.get(address) for address in (LIST, NEW)]

    assert [page.status_code for page in seen] == [403, 403]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({**FAIR, "until": "2026-10-14"}, "This day is before the first one."),
        ({**FAIR, "until": "2036-10-14"}, "shown for a year at most"),
        ({**FAIR, "until": "tomorrow"}, "Please choose a day."),
        ({**FAIR, "title.en": ""}, "Please fill this in."),
        ({"title.es": "Feria", "text.es": "En la biblioteca."}, "Please fill this in."),
        ({**FAIR, "title.en": "x" * 121}, "This is too long."),
        ({**FAIR, "title.en": "Fair\x00"}, "characters that cannot be kept"),
    ],
)
async def test_what_cannot_be_announced_is_said_at_its_field(
    portal: Portal, families: dict[str, str], site: ASGIApp, *, typed: dict[str, str], told: str
) -> None:
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        refused = await press(browser, NEW, **{"school": "every", **days(), **typed, "step": "save"})

    assert refused.status_code == 422
    assert told in read(refused)
    assert kept(portal) == []


async def test_text_in_a_language_of_many_bytes_is_taken(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    long = {"text.en": "పాఠశాల " * 140, "text.es": "పాఠశాల " * 140}
    async with at_work(site, portal, make_staff(portal, Role.DISTRICT_ADMINISTRATOR)) as browser:
        written = await press(browser, NEW, school="every", **days(), **{**FAIR, **long})

    assert written.status_code == 303
