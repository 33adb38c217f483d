"""Set mails, calendars and next year's courses on pages: what is asked, what is refused, what is done."""

import re

import httpx
import pytest

from portal.accounts.models import AccountRow
from portal.core.outcomes import Refused
from portal.records.feeds import FeedKind
from portal.records.models import RegistrationRow
from portal.records.notifications import Frequency, InChat, Notification, Notifications, Subject
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, sign_in
from tests.support.public_site import HTML, hidden, read, send
from tests.web.public.records.conftest import EVERYTHING, NOT_MAYA, Import

W = "/westborough/public/"
MAILS, CALENDARS, CLASSES = f"{W}email-notifications", f"{W}my-calendars", f"{W}class-registration"


async def sent(client: httpx.AsyncClient, address: str, child: str, typed: dict[str, str]) -> httpx.Response:
    """Open the page of a child, fill its form in and send it."""
    address = f"{address}?student={child}"
    return await send(client, address, await client.get(address, headers=HTML), typed)


async def landed(client: httpx.AsyncClient, answer: httpx.Response) -> str:
    assert answer.status_code == 303, read(answer)
    return read(await client.get(answer.headers["location"], headers=HTML))


def mails(portal: Portal) -> dict[str, Notification]:
    """Return what is set, by child, as the chat tells it."""
    sign_in(portal, conversation="chat")
    with portal.begin() as tx:
        found = tx.notifications.settings("chat")
    assert isinstance(found, Notifications)
    return {each.student: each for each in found.children}


def feeds(portal: Portal) -> list[tuple[str, FeedKind, str]]:
    sign_in(portal, conversation="chat")
    with portal.begin() as tx:
        found = tx.feeds.mine("chat")
    assert not isinstance(found, Refused)
    return [(feed.student, feed.kind, feed.path) for feed in found]


def registered(portal: Portal) -> list[tuple[str, str]]:
    with portal.begin() as tx:
        rows = tx.session.query(RegistrationRow).order_by(RegistrationRow.course_id)
        return [(row.course_id, row.state) for row in rows]


@pytest.mark.requirement("R96")
async def test_mails_are_set_for_one_child(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    typed = {"frequency": "weekly", "subject_grades": "1", "subject_balance": "1", "in_chat": "news"}

    told = await landed(inside, await sent(inside, MAILS, families["Maya"], typed))

    assert "Your email notifications are saved." in told
    assert "The emails go to m•••@mailbox.example." in told
    assert "The next email leaves on October" in told
    found = mails(portal)
    assert found["Maya"].frequency is Frequency.WEEKLY
    assert set(found["Maya"].subjects) == {Subject.GRADES, Subject.BALANCE}
    assert found["Maya"].in_chat is InChat.NEWS
    assert found["Leo"].frequency is Frequency.NEVER


async def test_mails_are_set_for_all_the_children_at_once(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    typed = {"frequency": "monthly", "subject_attendance": "1", "in_chat": "none", "all_children": "1"}

    await sent(inside, MAILS, families["Maya"], typed)

    assert {name: each.frequency for name, each in mails(portal).items()} == {
        "Leo": Frequency.MONTHLY,
        "Maya": Frequency.MONTHLY,
    }


async def test_mail_about_nothing_is_refused_beside_its_field(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    answer = await sent(inside, MAILS, families["Maya"], {"frequency": "daily", "in_chat": "none"})

    assert answer.status_code == 422
    assert 'href="#subjects">Please choose at least one thing' in answer.text
    assert '<option value="daily" selected>' in answer.text
    assert mails(portal)["Maya"].frequency is Frequency.NEVER


async def test_mails_need_an_address_that_is_confirmed(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).email_confirmed_at = None
    typed = {"frequency": "daily", "subject_grades": "1", "in_chat": "none"}

    page = await inside.get(MAILS, headers=HTML)
    answer = await sent(inside, MAILS, families["Maya"], typed)

    assert "is not confirmed yet, and grades only go to one that is." in read(page)
    assert "Send now" not in page.text
    assert answer.status_code == 422
    assert "Nothing was changed: before emails about a child can leave" in read(answer)


async def test_account_without_an_address_is_led_to_giving_one(
    inside: httpx.AsyncClient, portal: Portal
) -> None:
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.session.get_one(AccountRow, account.account_id).email = None

    page = await inside.get(MAILS, headers=HTML)

    assert f'href="{W}preferences?change=email"' in page.text


async def test_mail_is_sent_now_and_not_too_often(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    answers = [await sent(inside, MAILS, families["Maya"], {"send_now": "1"}) for _ in range(4)]

    assert "An email is on its way to you." in await landed(inside, answers[0])
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


@pytest.mark.requirement("R80")
async def test_mails_about_a_closed_record_can_only_be_ended(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], import_school: Import
) -> None:
    typed = {"frequency": "weekly", "subject_grades": "1", "in_chat": "none"}
    await sent(inside, MAILS, families["Maya"], typed)
    import_school(x_portal_access=NOT_MAYA)

    more = await sent(inside, MAILS, families["Maya"], {**typed, "frequency": "daily"})
    never = await sent(inside, MAILS, families["Maya"], {**typed, "frequency": "never"})

    assert more.status_code == 422
    assert "Student information is not available at this time." in read(more)
    assert never.status_code == 303
    assert mails(portal)["Maya"].frequency is Frequency.NEVER


async def test_subject_that_is_off_is_not_offered(inside: httpx.AsyncClient, portal: Portal) -> None:
    make_district(portal, "westborough", **{**EVERYTHING, "lunch_balance": False})

    page = await inside.get(MAILS, headers=HTML)

    assert "subject_bulletin" in page.text
    assert "subject_balance" not in page.text


async def test_what_is_no_choice_of_the_form_changes_nothing(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    typed = {"frequency": "hourly", "in_chat": "loud", "subject_grades": "1"}

    await sent(inside, MAILS, families["Maya"], typed)

    assert mails(portal)["Maya"].frequency is Frequency.NEVER
    assert mails(portal)["Maya"].in_chat is InChat.NONE


@pytest.mark.requirement("R101")
async def test_calendar_is_subscribed_to_with_a_private_address(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    answer = await sent(inside, CALENDARS, families["Maya"], {"subscribe": "homework"})
    page = await inside.get(answer.headers["location"], headers=HTML)

    ((student, kind, path),) = feeds(portal)
    assert (student, kind) == ("Maya", FeedKind.HOMEWORK)
    assert f'value="http://testserver{path}"' in page.text
    assert f'href="webcal://testserver{path}"' in page.text
    assert "The calendar is ready." in read(page)
    assert "Not fetched by any calendar program so far." in read(page)
    assert "Subscribe to school events" in read(page)


async def test_calendar_gets_a_new_address_and_is_switched_off(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    await sent(inside, CALENDARS, families["Maya"], {"subscribe": "events"})
    before = feeds(portal)
    page = await inside.get(f"{CALENDARS}?student={families['Maya']}", headers=HTML)
    feed = re.findall(r'name="renew" value="([^"]+)"', page.text)[0]

    renewed = await landed(inside, await sent(inside, CALENDARS, families["Maya"], {"renew": feed}))
    after = feeds(portal)
    again = await sent(inside, CALENDARS, families["Maya"], {"renew": feed})
    page = await inside.get(f"{CALENDARS}?student={families['Maya']}", headers=HTML)
    feed = re.findall(r'name="revoke" value="([^"]+)"', page.text)[0]
    ended = await landed(inside, await sent(inside, CALENDARS, families["Maya"], {"revoke": feed}))

    assert "The old one shows nothing any more." in renewed
    assert before[0][2] != after[0][2]
    assert "note=" not in again.headers["location"]
    assert "The calendar is switched off" in ended
    assert feeds(portal) == []


async def test_calendar_of_another_family_is_neither_shown_nor_ended(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    sign_in(portal, "kwhitfield", conversation="hers")
    with portal.begin() as tx:
        theirs = tx.feeds.subscribe("hers", "Zoe", FeedKind.HOMEWORK)
    assert not isinstance(theirs, Refused)

    page = await inside.get(f"{CALENDARS}?student={families['Zoe']}", headers=HTML)
    await sent(inside, CALENDARS, families["Zoe"], {"revoke": theirs.feed_id})
    await sent(inside, CALENDARS, families["Zoe"], {"subscribe": "everything"})

    with portal.begin() as tx:
        assert tx.feeds.mine("hers") == (theirs.__class__(**{**_fields(theirs), "new": False}),)
    assert theirs.path not in page.text


def _fields(feed: object) -> dict[str, object]:
    return {name: getattr(feed, name) for name in feed.__slots__}  # type: ignore[attr-defined]


async def test_calendars_address_is_the_one_that_was_set_up(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    make_district(portal, "westborough", **{**EVERYTHING, "public_base_url": "https://portal.example/"})

    await sent(inside, CALENDARS, families["Maya"], {"subscribe": "homework"})
    page = await inside.get(f"{CALENDARS}?student={families['Maya']}", headers=HTML)

    assert f'value="https://portal.example{feeds(portal)[0][2]}"' in page.text


@pytest.mark.requirement("R99")
async def test_requests_window_and_offered_courses_are_shown(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await inside.get(f"{CLASSES}?student={families['Maya']}", headers=HTML)

    shown = read(page)
    assert "Assabet Ridge School takes registrations until November 30, 2026." in shown
    assert "At least 2 courses are needed. At most 3 courses can be chosen." in shown
    assert "Art approved by the school" in shown
    assert "Algebra II Functions and their graphs. After: Algebra I" in shown
    assert "Biology 24 seats are left." in shown
    assert "Jazz Band It is full." in shown
    assert "Physics It comes after Biology, which is not on record." in shown
    assert len(re.findall(r'type="checkbox" name="course_', page.text)) == 2


def courses(page: httpx.Response) -> dict[str, str]:
    """Return the boxes of a page by the names of their courses."""
    found = re.findall(r'name="(course_[^"]+)"[^>]*> <span>([^<]+)</span>', page.text)
    return {title: name for name, title in found}


@pytest.mark.requirement("R99")
async def test_nothing_counts_before_the_summary_is_confirmed(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    boxes = courses(page)

    summary = await send(inside, address, page, {boxes["Algebra II"]: "1", boxes["Biology"]: "1"})
    before = registered(portal)
    done = await send(inside, address, summary, {"confirmed": "1"})
    repeated = await send(inside, address, summary, {"confirmed": "1"})

    assert "Register Maya López for 2027\N{EN DASH}2028? Algebra II Biology" in read(summary)
    assert before == []
    assert [state for _, state in registered(portal)] == ["registered", "registered"]
    assert "The courses are registered." in await landed(inside, done)
    assert repeated.headers["location"] == done.headers["location"]


async def test_registration_is_taken_back_after_a_question(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    boxes = courses(page)
    summary = await send(inside, address, page, {boxes["Biology"]: "1"})
    await send(inside, address, summary, {"confirmed": "1"})
    page = await inside.get(address, headers=HTML)
    biology = boxes["Biology"].removeprefix("course_")

    question = await send(inside, address, page, {"withdraw": biology})
    still = registered(portal)
    done = await send(inside, address, question, {"confirmed": "1"})

    assert "Biology registered here; the school has yet to take it over (Oct 15, 2026)" in read(page)
    assert "Take this back for Maya López, 2027\N{EN DASH}2028? Biology" in read(question)
    assert still == [(biology, "registered")]
    assert "The registration is taken back." in await landed(inside, done)
    assert registered(portal) == [(biology, "dropped")]


async def test_summary_warns_of_too_few_courses(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_course_requests=("7001,CX", "7002,CX"))
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)

    summary = await send(inside, address, page, {courses(page)["Biology"]: "1"})

    assert "With these there are fewer than 2 courses" in read(summary)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "No course was chosen. Please tick at least one."),
        ({"course_Jazz Band": "1"}, "Jazz Band is full. Please choose another one"),
        ({"course_Physics": "1"}, "Physics comes after Biology, which is not on record for Maya."),
        ({"course_Wizardry": "1"}, 'There is no course "Wizardry" among those that are offered.'),
        ({"withdraw": "Art"}, "The school has taken Art over already."),
        ({"withdraw": "Biology"}, "Biology was not registered here"),
    ],
)
async def test_wish_that_no_rule_allows_is_told_with_the_reason(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], typed: dict[str, str], told: str
) -> None:
    answer = await sent(inside, CLASSES, families["Maya"], typed)
    forced = await sent(inside, CLASSES, families["Maya"], {**typed, "confirmed": "1"})

    assert told in read(answer)
    assert told in read(forced)
    assert 'role="alert"' in answer.text
    assert "<title>Please check: Class Registration" in answer.text
    assert (answer.status_code, forced.status_code) == (422, 422)
    assert registered(portal) == []


async def test_course_that_is_requested_already_is_not_registered_twice(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str]
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    biology = {courses(page)["Biology"]: "1"}
    await send(inside, address, await send(inside, address, page, biology), {"confirmed": "1"})

    again = await send(inside, address, page, biology)

    assert "Biology is requested already." in read(again)
    assert len(registered(portal)) == 1


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("2026-11-01,2026-11-30", "takes registrations from November 1, 2026 to November 30, 2026."),
        ("2026-09-01,2026-09-30", "Registration closed on September 30, 2026."),
    ],
)
async def test_outside_of_its_days_nothing_can_be_registered(
    inside: httpx.AsyncClient, portal: Portal, import_school: Import, days: str, told: str
) -> None:
    open_page = await inside.get(CLASSES, headers=HTML)
    ids = import_school(x_registration_windows=("2026-10-01,2026-11-30", days))
    page = await inside.get(CLASSES, headers=HTML)

    typed = {courses(open_page)["Biology"]: "1", "confirmed": "1"}
    late = await sent(inside, CLASSES, ids["Leo"], typed)

    assert told in read(page)
    assert courses(page) == {}
    assert registered(portal) == []
    assert 'role="alert"' in late.text


async def test_school_that_names_no_days_is_asked(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_registration_windows=("101,2028,,2026-10-01,2026-11-30,2,3\n", ""))

    page = await inside.get(f"{CLASSES}?student={families['Maya']}", headers=HTML)

    assert "has not said yet when it takes registrations. The office can tell you." in read(page)


@pytest.mark.parametrize("change", [{"class_registration": False}, {}])
async def test_right_that_is_gone_between_summary_and_yes_registers_nothing(
    inside: httpx.AsyncClient,
    portal: Portal,
    families: dict[str, str],
    import_school: Import,
    change: dict[str, bool],
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    page = await inside.get(address, headers=HTML)
    summary = await send(inside, address, page, {courses(page)["Biology"]: "1"})
    make_district(portal, "westborough", **{**EVERYTHING, **change})
    if not change:
        import_school(x_portal_access=NOT_MAYA)

    answer = await send(inside, address, summary, {"confirmed": "1"})

    told = "has not turned on" if change else "Student information is not available at this time."
    assert told in read(answer)
    assert registered(portal) == []


@pytest.mark.parametrize("address", [MAILS, CALENDARS, CLASSES])
async def test_parent_without_children_sends_a_form_and_is_told_what_comes_next(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], address: str
) -> None:
    page = await inside.get(address, headers=HTML)
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        for child in ("Maya", "Leo"):
            tx.links.unlink(account.account_id, families[child])

    answer = await inside.post(address, data={**hidden(page), "frequency": "daily"}, headers=HTML)

    assert "No student is linked to your account yet." in read(answer)


async def test_page_left_open_over_night_asks_to_sign_in(
    inside: httpx.AsyncClient, families: dict[str, str], clock: FakeClock
) -> None:
    page = await inside.get(MAILS, headers=HTML)
    clock.advance(hours=12)

    answer = await send(inside, MAILS, page, {"frequency": "daily"})

    assert answer.headers["location"] == f"{W}signed-out"


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (MAILS, {"frequency": "daily", "subject_grades": "1"}),
        (MAILS, {"send_now": "1"}),
        (CALENDARS, {"subscribe": "homework"}),
        (CLASSES, {"course_Biology": "1", "confirmed": "1"}),
    ],
)
async def test_form_about_a_child_who_is_gone_is_not_done_for_another(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], address: str, typed: dict[str, str]
) -> None:
    of_maya = f"{address}?student={families['Maya']}"
    page = await inside.get(of_maya, headers=HTML)
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.links.unlink(account.account_id, families["Maya"])

    answer = await send(inside, of_maya, page, typed)

    assert answer.status_code == 403
    assert mails(portal)["Leo"].frequency is Frequency.NEVER
    assert (feeds(portal), registered(portal)) == ([], [])


@pytest.mark.parametrize("body", ["course_%00x=1", "course_%80y=1", "course_=1", "withdraw=%80", "withdraw="])
async def test_course_that_no_page_names_is_no_choice(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], body: str
) -> None:
    address = f"{CLASSES}?student={families['Maya']}"
    csrf = hidden(await inside.get(address, headers=HTML))["csrf"]
    headers = {**HTML, "content-type": "application/x-www-form-urlencoded"}

    answer = await inside.post(address, content=f"csrf={csrf}&confirmed=1&{body}", headers=headers)

    assert answer.status_code == 422
    assert registered(portal) == []
