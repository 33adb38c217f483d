"""Account requests and merging in the console: one screen to decide on, and no deed twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal
from tests.support.boston import boston, boston_roster, confirm, the_request
from tests.support.console import at_work, console_site, make_staff, press
from tests.support.desk_work import verify
from tests.support.doors import DATA
from tests.support.families import asker, mails, request_account
from tests.support.portals import make_district, make_parent
from tests.support.public_site import hidden, read


@pytest.fixture
def site(portal: Portal, tmp_path: Path) -> Iterator[ASGIApp]:
    boston(portal, tmp_path, boston_roster().change("users", 4, phone="(617) 555-0100"))
    with console_site(portal) as app:
        yield app


def address(portal: Portal) -> str:
    return f"/helpdesk/requests/{the_request(portal).request_id}"


def made_sure(portal: Portal, staff_id: str, *accounts: str) -> None:
    """Fill in the checklist about the caller for these accounts."""
    with portal.begin(read_only=True) as tx:
        member = member_of(tx.session.get_one(StaffRow, staff_id))
    for account in accounts:
        verify(portal, member, account)


def chosen(page: str) -> str:
    return page.partition('name="contact" value="')[2].partition('"')[0]


@pytest.mark.requirement("R115", "R116", "R117", "R131")
async def test_request_is_compared_approved_and_connected(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, asker(district="boston", language="es"), first_name="Anna")
    async with at_work(site, portal, make_staff(portal, district="boston")) as browser:
        queue = await browser.get("/helpdesk/requests")
        page = await browser.get(address(portal))
        contact = chosen(page.text)
        form = {"deed": "approve", "contact": contact, "reason": "called back"}
        sent = await browser.post(address(portal), data={**hidden(page), **form})
        confirm(portal)
        active = await browser.get(address(portal))
        connected = await press(browser, address(portal), deed="connect")
        done = await browser.get(connected.headers["location"])

    assert "Anna López ana@example.org" in read(queue)
    assert "The name differs" in read(queue)
    assert "First name Anna Differs Ana" in read(page)
    assert "Phone number - On file (617) 555-0100" in read(page)
    assert "Receives Email - Y" in read(page)
    assert "Portal Access - Y" in read(page)
    assert "Language of the family Español" in read(page)
    assert sent.headers["location"].endswith("?note=request_approved")
    assert "Update Contact Login with email address" in read(active)
    assert "Maya López" in read(active)
    assert "The children are connected" in read(done)
    assert "Nothing is left to be done" in read(done)


@pytest.mark.case("Q4")
async def test_form_of_a_request_that_somebody_decided_says_so(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, first_name="Anna")
    staff = [make_staff(portal, district="boston") for _ in range(2)]
    async with at_work(site, portal, staff[0]) as one, at_work(site, portal, staff[1]) as other:
        page, same = await one.get(address(portal)), await other.get(address(portal))
        form = {"deed": "reject", "cause": "contact_school", "why": "checked", "words": ""}
        first = await one.post(address(portal), data={**hidden(page), **form})
        second = await other.post(address(portal), data={**hidden(same), **form})

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Somebody has done this already" in read(second)
    assert "Turned down" in read(second)


async def test_what_is_missing_is_said_beside_its_field(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, first_name="Anna")
    async with at_work(site, portal, make_staff(portal, district="boston")) as browser:
        page = await browser.get(address(portal))
        contact = chosen(page.text)
        form = {"deed": "approve", "contact": contact}
        unsaid = await browser.post(address(portal), data={**hidden(page), **form, "reason": ""})
        reject = {"deed": "reject", "cause": "ask_again", "words": "Bring a paper.\nThank you."}
        why = await browser.post(address(portal), data={**hidden(page), **reject, "why": " "})

    assert (unsaid.status_code, why.status_code) == (422, 422)
    assert 'href="#reason"' in unsaid.text
    assert 'href="#why"' in why.text
    assert "Bring a paper." in read(why)


async def test_question_is_sent_and_stands_with_the_request(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, first_name="Anna")
    async with at_work(site, portal, make_staff(portal, district="boston", name="Dana Whitlock")) as browser:
        sent = await press(browser, address(portal), deed="ask", question="Which school,\nplease?")
        page = await browser.get(sent.headers["location"])

    assert "The question is on its way" in read(page)
    assert "Asked the family" in read(page)
    assert "Dana Whitlock" in read(page)
    assert ("request_question", "ana@example.org") in mails(portal)


async def test_request_of_nobody_on_file_is_compared_with_a_students_contacts(
    portal: Portal, site: ASGIApp
) -> None:
    request_account(portal, first_name="Zoe", last_name="Baptiste", email="zoe@home.example")
    async with at_work(site, portal, make_staff(portal, district="boston")) as browser:
        alone = await browser.get(address(portal))
        compared = await browser.get(address(portal), params={"student": "NS1"})

    assert "Nobody on file looks like this family" in read(alone)
    assert "On file: Ana López" in read(compared)


async def test_auditor_sees_no_button(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, first_name="Anna")
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR, district="boston")) as browser:
        page = await browser.get(address(portal))
        form = {"deed": "approve", "contact": "x", "reason": "because"}
        refused = await browser.post(address(portal), data={**hidden(page), **form})

    assert "Approve and send the mail" not in read(page)
    assert refused.status_code == 403


async def test_markup_in_a_name_is_shown_as_it_was_typed(portal: Portal, site: ASGIApp) -> None:
    request_account(portal, first_name="Anna", email="x@example.org")
    with portal.begin() as tx:
        tx.session.merge(the_request(portal)).first_name = "<b>Anna</b>"
    async with at_work(site, portal, make_staff(portal, district="boston")) as browser:
        page = await browser.get(address(portal))

    assert "<b>Anna" not in page.text
    assert "&lt;b&gt;Anna" in page.text


@pytest.mark.case("T6")
@pytest.mark.requirement("R132", "R133")
async def test_merge_is_shown_before_it_is_done_and_done_once(
    portal: Portal, families: dict[str, str]
) -> None:
    old = make_parent(
        portal, username="m.lopez.old", display_name="Marisol López", children=[families["Zoe"]]
    )
    staff_id = make_staff(portal)
    with console_site(portal) as app:
        async with at_work(app, portal, staff_id) as browser:
            asked = {"kept": "mlopez", "ended": "m.lopez.old"}
            unknown = await browser.get("/helpdesk/merge", params=asked)
            made_sure(portal, staff_id, families["mlopez"], old)
            dry_run = await browser.get("/helpdesk/merge", params=asked)
            form = {**hidden(dry_run), "reason": "at the counter"}
            unsure = await browser.post("/helpdesk/merge", data=form)
            done = await browser.post("/helpdesk/merge", data={**form, "sure": "yes"})
            again = await browser.post("/helpdesk/merge", data={**form, "sure": "yes"})

    assert "First make sure who asks" in read(unknown)
    assert f'href="/helpdesk/parents/{old}/caller"' in unknown.text
    assert "Merge now" not in read(unknown)
    assert "Account that goes on" in read(dry_run)
    assert "Zoe Whitfield" in read(dry_run)
    assert "They have no child in common" in read(dry_run)
    assert unsure.status_code == 422
    assert done.headers["location"] == "/helpdesk/merge?note=merged"
    assert again.headers["location"] == "/helpdesk/merge?note=merge_repeated"
    with portal.begin(read_only=True) as tx:
        assert len(tx.links.students_of(families["mlopez"])) == 3


@pytest.mark.case("T6")
async def test_merge_of_what_changed_since_is_shown_anew(portal: Portal, families: dict[str, str]) -> None:
    staff_id = make_staff(portal)
    made_sure(portal, staff_id, families["mlopez"], families["kwhitfield"])
    with console_site(portal) as app:
        async with at_work(app, portal, staff_id) as browser:
            asked = {"kept": "mlopez", "ended": "kwhitfield"}
            dry_run = await browser.get("/helpdesk/merge", params=asked)
            with portal.begin() as tx:
                tx.links.link(families["kwhitfield"], families["Leo"], "Mother")
            form = {**hidden(dry_run), "reason": "at the counter", "sure": "yes"}
            outdated = await browser.post("/helpdesk/merge", data=form)

    assert outdated.status_code == 409
    assert "Somebody else changed this in the meantime" in read(outdated)
    assert "Leo" in read(outdated)


async def test_accounts_that_nobody_has_are_named_beside_their_fields(
    portal: Portal, families: dict[str, str]
) -> None:
    with console_site(portal) as app:
        async with at_work(app, portal, make_staff(portal)) as browser:
            page = await browser.get("/helpdesk/merge", params={"kept": "nobody", "ended": ""})

    assert page.status_code == 422
    assert "No account has this username" in read(page)
    assert 'href="#ended"' in page.text


@pytest.mark.requirement("R132", "R133", "R134")
async def test_merge_names_what_aspen_needs_to_know_to_staff_alone(portal: Portal) -> None:
    make_district(portal, "boston", name="Boston Public Schools", profile="aspen")
    given = {"display_name": "Ana López", "email_confirmed": True}
    for name in ("ana.lopez", "ana.older"):
        make_parent(portal, "boston", username=name, email=f"{name}@example.org", **given)
    with console_site(portal) as app:
        async with at_work(app, portal, make_staff(portal, district="boston")) as browser:
            asked = {"kept": "ana.lopez", "ended": "ana.older"}
            page = await browser.get("/helpdesk/merge", params=asked)

    assert "for school staff only and never for parents" in read(page)
    assert "aspen@bostonpublicschools.org" in read(page)
    assert "Parent name Ana López" in read(page)
    assert "E-mail address ana.lopez@example.org" in read(page)
    assert "Student ID number" in read(page)


@pytest.mark.requirement("R131", "R134")
def test_procedure_of_staff_is_in_no_words_that_parents_read() -> None:
    packs = [*DATA.glob("*/*.yml"), *Path("web/templates/public").rglob("*.html")]

    staff_only = ("Contacts side tab", "aspen@", "Merge accounts")
    read_ = [each.read_text("utf-8") for each in packs]
    said = [words for words in staff_only if any(words in text for text in read_)]

    assert len(packs) > 100
    assert said == []
