"""Work on the cases of a district in the console."""

import pytest
from sqlalchemy import func, select
from starlette.types import ASGIApp

from portal.core.audit import AuditEvent
from portal.core.models import AuditRow
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.staff.roles import Role
from portal.sis.models import Student
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.console import at_work, make_staff, press
from tests.support.public_site import hidden, read

CASES = "/helpdesk/cases"
CASE = "/helpdesk/cases/1"
REPLY = {"name": "Once more", "text_en": "Please try once more."}


@pytest.fixture
def case(portal: Portal, families: dict[str, str]) -> int:
    """Open the case of a mother who cannot sign in."""
    new = NewCase(
        district="westborough",
        kind=CaseKind.CANNOT_SIGN_IN,
        conversation="chat",
        channel="webchat",
        language="es",
        account_id=families["mlopez"],
        details={"reach": "(508) 555-0147", "happened": "No puedo entrar <b>ayuda</b>"},
    )
    with portal.begin() as tx:
        return tx.cases.open(new).number


async def test_list_names_what_waits_and_not_who(portal: Portal, case: int, site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(CASES)

    assert "Case 1 Cannot sign in Español Nobody since" in read(page)
    assert "555-0147" not in page.text


@pytest.mark.parametrize(
    ("asked", "is_shown"),
    [
        ("", True),
        ("?standing=waiting", True),
        ("?standing=overdue", False),
        ("?standing=closed", False),
        ("?mine=yes", False),
        ("?language=es", True),
        ("?language=vi", False),
        ("?kind=cannot_sign_in", True),
        ("?kind=no_email", False),
        ("?standing=nonsense&kind=nonsense", True),
    ],
)
async def test_list_is_narrowed(
    portal: Portal, case: int, site: ASGIApp, *, asked: str, is_shown: bool
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(CASES + asked)

    assert ("/helpdesk/cases/1" in page.text) is is_shown


async def test_case_is_overdue_when_its_time_has_come(
    portal: Portal, case: int, site: ASGIApp, clock: FakeClock
) -> None:
    clock.advance(days=4)

    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(f"{CASES}?standing=overdue")

    assert "Overdue" in read(page)
    assert "/helpdesk/cases/1" in page.text


async def test_case_shows_what_the_family_gave_and_what_was_found(
    portal: Portal, case: int, site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(CASE)

    assert "No puedo entrar <b>ayuda</b>" in read(page)
    assert "<b>ayuda" not in page.text
    assert "Nothing stood in the way of this username" in read(page)
    assert "mlopez" in read(page)


async def test_answer_note_and_closing_are_kept_in_order(portal: Portal, case: int, site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal, name="Dana Whitlock")) as browser:
        await press(browser, CASE, do="note", note="She called before.")
        await press(browser, CASE, do="answer", text="Ya puede entrar.")
        answered = await browser.get(CASE)
        closed = await press(browser, CASE, do="close", done="Unlocked it.", version=version(answered.text))
        page = await browser.get(CASE)

    said = read(page)
    assert closed.headers["location"] == "/helpdesk/cases/1?note=case_closed"
    assert said.index("She called before.") < said.index("Ya puede entrar.") < said.index("Unlocked it.")
    assert "not read yet" in said
    assert "Open it again" in said


async def test_the_same_answer_sent_twice_is_one(portal: Portal, case: int, site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        form = hidden(await browser.get(CASE))
        for _ in range(2):
            await browser.post(CASE, data={**form, "do": "answer", "text": "Ya puede entrar."})
        page = await browser.get(CASE)

    assert page.text.count("Ya puede entrar.") == 1


async def test_second_of_two_who_change_a_case_is_told_and_keeps_what_was_typed(
    portal: Portal, case: int, site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        form = hidden(await browser.get(CASE))
        stale = {**form, "version": "1"}
        first = await browser.post(CASE, data={**stale, "do": "assign", "to_me": "yes"})
        second = await browser.post(CASE, data={**stale, "do": "close", "done": "Called her."})

    assert first.status_code == 303
    assert second.status_code == 409
    assert "Somebody else changed this in the meantime" in read(second)
    assert "Called her." in second.text


async def test_saved_reply_is_put_in_in_the_familys_language(
    portal: Portal, case: int, site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        new = "/helpdesk/saved-replies/new"
        await press(browser, new, name="Try again", text_en="Please try again.", text_es="Pruebe otra vez.")
        page = await browser.get(CASE)
        chosen = page.text.split('name="saved"')[1].split('value="')[1].split('"')[0]
        filled = await browser.post(CASE, data={**hidden(page), "do": "insert", "saved": chosen})

    assert filled.status_code == 200
    assert ">Pruebe otra vez.</textarea>" in filled.text


async def test_saved_reply_is_changed_by_one_at_a_time_and_removed(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    new = "/helpdesk/saved-replies/new"
    async with at_work(site, portal, make_staff(portal)) as browser:
        await press(browser, new, name="Try again", text_en="Please try again.", **{"text_<b>": "x"})
        taken = await press(browser, new, name="Try again", text_en="Again.")
        empty = await press(browser, new, name="Nothing")
        listed = await browser.get("/helpdesk/saved-replies")
        address = listed.text.split('href="/helpdesk/saved-replies/')[1].split('"')[0]
        form = hidden(await browser.get(f"/helpdesk/saved-replies/{address}"))
        first = await browser.post(f"/helpdesk/saved-replies/{address}", data={**form, **REPLY})
        stale = await browser.post(f"/helpdesk/saved-replies/{address}", data={**form, **REPLY})
        gone = await press(browser, f"/helpdesk/saved-replies/{address}", remove="yes", **REPLY)

    assert "Another one has this name." in read(taken)
    assert "Write it in at least one language." in read(empty)
    assert (first.status_code, stale.status_code) == (303, 409)
    assert gone.headers["location"] == "/helpdesk/saved-replies?note=saved_reply_removed"


async def test_auditor_reads_and_changes_nothing(portal: Portal, case: int, site: ASGIApp) -> None:
    async with at_work(site, portal, make_staff(portal, Role.AUDITOR)) as browser:
        page = await browser.get(CASE)
        refused = await browser.post(CASE, data={**hidden(page), "do": "note", "note": "x"})

    assert (page.status_code, refused.status_code) == (200, 403)
    assert "Work on it" not in read(page)


@pytest.mark.case("T1")
@pytest.mark.parametrize(("child", "status"), [("Maya", 200), (None, 404)])
async def test_school_sees_the_cases_of_its_own_families(
    portal: Portal, families: dict[str, str], case: int, site: ASGIApp, *, child: str | None, status: int
) -> None:
    with portal.begin() as tx:
        school = (
            tx.session.get_one(Student, ("westborough", families[child])).school_id if child else "another"
        )
    staff_id = make_staff(portal, Role.SCHOOL_ADMINISTRATOR, schools=[school])
    async with at_work(site, portal, staff_id) as browser:
        page = await browser.get(CASE)
        listed = await browser.get(CASES)

    assert page.status_code == status
    assert ("/helpdesk/cases/1" in listed.text) is (status == 200)


@pytest.mark.parametrize("address", ["2", "99999999999999999999", "0"])
async def test_case_that_is_not_there_is_not_found(
    portal: Portal, case: int, site: ASGIApp, address: str
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        page = await browser.get(f"{CASES}/{address}")

    assert page.status_code == 404


async def test_case_is_opened_for_a_parent_who_called(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    typed = {"username": "kwhitfield", "kind": "lost_letter", "text": "The letter never came."}
    async with at_work(site, portal, make_staff(portal)) as browser:
        opened = await press(browser, f"{CASES}/open", **typed)
        page = await browser.get(CASE)
        nobody = await press(browser, f"{CASES}/open", **{**typed, "username": "nobody"})

    assert opened.headers["location"] == "/helpdesk/cases/1?note=case_opened"
    assert "The letter never came." in read(page)
    assert nobody.status_code == 422


async def test_parents_page_leads_to_the_case_and_back(
    portal: Portal, families: dict[str, str], case: int, site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        parent = await browser.get(f"/helpdesk/parents/{families['mlopez']}")
        page = await browser.get(CASE)

    assert 'href="/helpdesk/cases/1"' in parent.text
    assert 'href="/helpdesk/cases/open?username=mlopez"' in parent.text
    assert f'href="/helpdesk/parents/{families["mlopez"]}"' in page.text


async def test_what_the_page_fetches_by_itself_keeps_no_session_alive(
    portal: Portal, case: int, site: ASGIApp, clock: FakeClock
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        await browser.get(CASE)
        looked_at = audited(portal)
        fetched = []
        for _ in range(3):
            clock.advance(minutes=10)
            fetched.append(await browser.get(f"{CASE}?part=talk"))

    assert [page.status_code for page in fetched] == [200, 200, 303]
    assert "<html" not in fetched[0].text
    assert audited(portal) == looked_at == 1


def audited(portal: Portal) -> int:
    """Return how many looks at a case are on record."""
    with portal.begin() as tx:
        looks = select(func.count()).where(AuditRow.event == AuditEvent.CASES_SEEN.value)
        return tx.session.scalar(looks) or 0


def version(page: str) -> str:
    """Return the version that a page's forms are based on."""
    return page.split('name="version" value="')[1].split('"', maxsplit=1)[0]
