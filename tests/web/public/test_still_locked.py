"""Recover the password of a name that only the school opens again."""

import httpx
import pytest

from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.account_pages import EMAIL, W, recovery, recovery_mail
from tests.support.portals import NEW_PASSWORD, make_district, make_parent, sign_in
from tests.support.public_site import HTML, fill, hidden, read

PAGE = f"{W}recover-password"
HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192"}}


@pytest.fixture
def families(portal: Portal, districts: None) -> None:
    """Give mlopez a confirmed address, and no other family."""
    make_parent(portal, username="mlopez", email=EMAIL, email_confirmed=True)


def lock_out(portal: Portal) -> None:
    for _ in range(10):
        sign_in(portal, password="not the password")


@pytest.mark.requirement("R15", "R44")
@pytest.mark.parametrize("profile", ["powerschool", "aspen"])
async def test_new_password_of_a_locked_name_sends_to_the_school(
    browser: httpx.AsyncClient, portal: Portal, profile: str
) -> None:
    make_district(portal, "westborough", profile=profile, help=HELP)
    lock_out(portal)

    answer = await fill(browser, PAGE, recovery(await recovery_mail(browser, portal)))
    page = await browser.get(answer.headers["location"], headers=HTML)

    assert "<h1>Your new password is set</h1>" in page.text
    assert "Your username is still locked" in read(page)
    assert "please contact your school. Parent help desk (508) 555-0192" in read(page)
    assert "<input id=" not in page.text
    assert sign_in(portal, password=NEW_PASSWORD) == Refused(Reason.LOCKED_CONTACT_SCHOOL)


async def test_form_sent_twice_is_told_of_the_lock_twice(browser: httpx.AsyncClient, portal: Portal) -> None:
    lock_out(portal)
    token = await recovery_mail(browser, portal)
    page = await browser.get(PAGE, headers=HTML)
    sent = {**hidden(page), **recovery(token)}
    held = {**HTML, "Cookie": f"sid={browser.cookies['sid']}"}

    answers = [await browser.post(PAGE, data=sent, headers=held) for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == [f"{PAGE}?done=locked"] * 2


async def test_new_password_that_opens_the_name_says_nothing_of_a_lock(
    browser: httpx.AsyncClient, portal: Portal
) -> None:
    make_district(portal, "westborough", profile="recommended", help=HELP)
    lock_out(portal)

    answer = await fill(browser, PAGE, recovery(await recovery_mail(browser, portal)))
    page = await browser.get(answer.headers["location"], headers=HTML)

    assert answer.headers["location"] == f"{W}sign-in?note=password_set"
    assert "locked" not in read(page)
