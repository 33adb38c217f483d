"""Send a form about a child who is gone from the account: it must never be done for a brother or sister."""

import httpx
import pytest

from portal.accounts.models import FeedRow
from portal.records.models import NotificationRow, RegistrationRow
from portal.transaction import Portal
from tests.support.public_site import HTML, hidden, send
from tests.web.public.records.test_forms import CALENDARS, CLASSES, MAILS, W, courses


def unlink(portal: Portal, child: str) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.links.unlink(account.account_id, child)


def written(portal: Portal) -> list[object]:
    with portal.begin() as tx:
        kinds = (RegistrationRow, NotificationRow, FeedRow)
        return [row for kind in kinds for row in tx.session.query(kind)]


async def test_courses_of_a_child_who_is_gone_are_registered_for_nobody(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    summary = await send(inside, address, page, {courses(page)["Biology"]: "1"})
    unlink(portal, families["Maya"])

    answer = await send(inside, address, summary, {"confirmed": "1"})

    assert answer.status_code == 403
    assert written(portal) == []


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (MAILS, {"frequency": "daily", "subject_grades": "1"}),
        (MAILS, {"send_now": "1"}),
        (CALENDARS, {"subscribe": "homework"}),
    ],
)
async def test_form_about_a_child_who_is_gone_is_done_for_nobody(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], address: str, typed: dict[str, str]
) -> None:
    of_maya = f"{address}?student={families['Maya']}"
    page = await inside.get(of_maya, headers=HTML)
    unlink(portal, families["Maya"])

    answer = await send(inside, of_maya, page, typed)

    assert answer.status_code == 403
    assert written(portal) == []


async def test_page_of_a_child_who_is_gone_is_printed_of_nobody(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    page = await inside.get(f"{W}grades?student={families['Maya']}", headers=HTML)
    unlink(portal, families["Maya"])

    answer = await send(inside, f"{W}print?page=grades&student={families['Maya']}", page, {})

    assert "/files/" not in answer.headers.get("location", "")


async def test_course_whose_name_nobody_can_write_is_none(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    body = f"csrf={hidden(page)['csrf']}&confirmed=1&course_%00x=1&course_%80y=1&course_z%0Aq=1"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await inside.post(address, content=body, headers={**HTML, **kind})

    assert answer.status_code == 422
    assert written(portal) == []
