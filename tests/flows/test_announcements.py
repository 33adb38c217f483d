"""Families read what staff announce with the bulletin, in their language, from its first day to its last."""

from datetime import date

import pytest

from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.helpdesk.announcing.outcomes import NewAnnouncement
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.console import make_staff
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("families", "turned_on")
TEXTS = {"en": ("Snow day", "Friday is off."), "es": ("Día de nieve", "El viernes no hay clases.")}


@pytest.fixture
def turned_on(portal: Portal, families: None) -> District:
    return make_district(portal, **WESTBOROUGH, school_bulletin=True)


def announce(
    portal: Portal, since: date, until: date, texts: dict[str, tuple[str, str]] | None = None
) -> None:
    staff = make_staff(portal, Role.DISTRICT_ADMINISTRATOR)
    with portal.begin() as tx:
        member = member_of(tx.session.get_one(StaffRow, staff))
        new = NewAnnouncement("", since, until, texts or TEXTS)
        written = tx.announcing.write(member, new, request_id=staff)
    assert not isinstance(written, Refused), written


@pytest.mark.requirement("R98")
async def test_announcement_is_read_with_the_bulletin(portal: Portal, chat: Chat) -> None:
    announce(portal, date(2026, 10, 15), date(2026, 10, 20))
    await sign_in(chat)

    await chat.say("Read me the school bulletin")

    assert chat.text.splitlines()[1:3] == [
        "- Oct 15, 2026, Snow day: Friday is off.",
        "- Oct 14, 2026, Book fair: All week in the library.",
    ]


async def test_family_reads_it_in_its_own_language(portal: Portal, chat: Chat) -> None:
    announce(portal, date(2026, 10, 15), date(2026, 10, 20))
    chat.language = "es"
    await sign_in(chat)

    await chat.say("Boletín escolar")

    assert "Día de nieve: El viernes no hay clases." in chat.text
    assert "Snow day" not in chat.text


async def test_family_without_a_text_of_its_own_reads_the_first(portal: Portal, chat: Chat) -> None:
    announce(portal, date(2026, 10, 15), date(2026, 10, 20), {"en": TEXTS["en"]})
    chat.language = "es"
    await sign_in(chat)

    await chat.say("Boletín escolar")

    assert "Snow day: Friday is off." in chat.text


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 10, 16), date(2026, 10, 20)), (date(2026, 10, 1), date(2026, 10, 14))],
)
async def test_announcement_is_read_neither_before_nor_after_its_days(
    portal: Portal, chat: Chat, *, since: date, until: date
) -> None:
    announce(portal, since, until)
    await sign_in(chat)

    await chat.say("Read me the school bulletin")

    assert "Snow day" not in everything(chat)


async def test_announcement_lasts_its_last_day_where_the_school_is(
    portal: Portal, clock: FakeClock, chat: Chat
) -> None:
    announce(portal, date(2026, 10, 1), date(2026, 10, 15))
    # Past midnight in London, still the evening of the fifteenth in Westborough.
    clock.advance(hours=12)
    await sign_in(chat)

    await chat.say("Read me the school bulletin")

    assert "Snow day" in chat.text
