"""Hand out calendars: what a calendar program is told, and nothing to whoever holds no key."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
import vobject
from sqlalchemy import select, update
from starlette.types import ASGIApp

from bot.files import calendar_route
from bot.files.words import PaperPacks
from portal.accounts.models import AccountRow, FeedRow
from portal.accounts.outcomes import SignedIn
from portal.records.feeds import Feed, FeedKind
from portal.sis.models import Assignment, SchoolEvent
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import DATA, always_ready, client_of, pages_of
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.rosters import Roster, small_roster
from web.app import WebSettings, create_app

LONG = "Read pages 1, 2; and 3: \u201cThe Odyssey\u201d, \u03b1 to \u03c9, and write " * 3
ODD = 'Bring: "a\\b", c;d,\te\N{LINE SEPARATOR}f \N{PARTY POPPER}'


def school() -> Roster:
    """Return the small school with homework and events whose titles are hard to write down."""
    roster = small_roster()
    for key, title, due in (("L1", LONG.strip(), "2026-10-20"), ("L2", ODD, "2026-10-15")):
        roster.add(
            "lineItems", sourcedId=key, title=title, dueDate=due, classSourcedId="ALG", resultValueMax="20"
        )
    roster.add(
        "results",
        sourcedId="R2",
        lineItemSourcedId="L2",
        studentSourcedId="S1",
        scoreStatus="fully graded",
        score="17",
    )
    return roster.add("x_events", schoolId="100", date="2026-11-06", title="No school: teachers' workshop")


@pytest.fixture
def app(portal: Portal) -> ASGIApp:
    settings = WebSettings(pages=pages_of(), unready=always_ready)
    return create_app(settings, routes=calendar_route.routes(portal, PaperPacks(DATA)))


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


@pytest.fixture
def subscribed(portal: Portal, tmp_path: Path) -> Callable[[FeedKind], Feed]:
    """Sign the parent of Maya in, and give out her calendars."""
    make_district(portal)
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(school().folder(tmp_path / "set")))
        maya = tx.imports.find_student("westborough", "NS1")
    assert maya is not None
    make_parent(portal, children=[maya.id])
    assert isinstance(sign_in(portal), SignedIn)

    def of(kind: FeedKind) -> Feed:
        with portal.begin() as tx:
            feed = tx.feeds.subscribe("conversation", "Maya", kind)
        assert isinstance(feed, Feed)
        return feed

    return of


def entries(answer: httpx.Response) -> dict[date, str]:
    """Read the calendar with a parser that knows nothing of how it was written."""
    calendar = vobject.readOne(answer.text)
    return {each.dtstart.value: each.summary.value for each in calendar.vevent_list}


@pytest.mark.requirement("R101")
async def test_homework_is_read_back_as_it_is_in_the_records(
    portal: Portal, client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    answer = await client.get(subscribed(FeedKind.HOMEWORK).path)

    with portal.begin(read_only=True) as tx:
        recorded = {row.due: row.title for row in tx.session.scalars(select(Assignment))}
    plain = {day: " ".join(title.split()) for day, title in recorded.items() if day}
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert entries(answer) == {day: f"Algebra I: {title}" for day, title in plain.items()}
    assert vobject.readOne(answer.text).x_wr_calname.value == "Homework of Maya"


@pytest.mark.requirement("R101")
async def test_events_are_read_back_as_they_are_in_the_records(
    portal: Portal, client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    answer = await client.get(subscribed(FeedKind.EVENTS).path)

    with portal.begin(read_only=True) as tx:
        recorded = {row.day: row.title for row in tx.session.scalars(select(SchoolEvent))}
    assert entries(answer) == recorded
    assert vobject.readOne(answer.text).x_wr_calname.value == "School events of Maya"


async def test_calendar_is_what_the_programs_expect(
    client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    answer = await client.get(subscribed(FeedKind.HOMEWORK).path)

    lines = answer.content.split(b"\r\n")
    calendar = vobject.readOne(answer.text)
    first = calendar.vevent_list[0]
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    assert (calendar.version.value, calendar.method.value) == ("2.0", "PUBLISH")
    assert calendar.x_wr_timezone.value == "America/New_York"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines
    assert b"DTSTART;VALUE=DATE:20261015" in lines
    assert b"DTEND;VALUE=DATE:20261016" in lines
    assert first.dtstamp.value.tzinfo is not None
    assert len({each.uid.value for each in calendar.vevent_list}) == 2


async def test_neither_scores_nor_the_surname_leave_with_it(
    client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    answer = await client.get(subscribed(FeedKind.HOMEWORK).path)

    unfolded = answer.text.replace("\r\n ", "")
    assert "17" not in "".join(entries(answer).values())
    assert "L\u00f3pez" not in unfolded
    assert "NS1" not in unfolded


async def test_calendar_that_is_asked_for_again_is_not_sent_again(
    client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    path = subscribed(FeedKind.HOMEWORK).path
    first = await client.get(path)

    by_tag = await client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    by_date = await client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert by_tag.content == b""
    assert by_tag.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": "Thu, 15 Oct 2037 14:00:00 GMT"},
        {"If-Modified-Since": "Wed, 14 Oct 2026 14:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": f"Wed, 14 Oct {'9' * 20} 14:00:00 GMT"},
        {"If-Modified-Since": f"Wed, 14 Oct 2026 14:00:00 +{'9' * 14}"},
        {"If-Modified-Since": "Wed, 14 Oct 2026 14:00:00 -0000"},
    ],
)
async def test_whoever_has_something_else_is_sent_the_calendar(
    client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed], headers: dict[str, str]
) -> None:
    answer = await client.get(subscribed(FeedKind.HOMEWORK).path, headers=headers)

    assert answer.status_code == 200


async def test_an_import_that_changes_nothing_changes_no_tag_and_another_does(
    portal: Portal,
    client: httpx.AsyncClient,
    subscribed: Callable[[FeedKind], Feed],
    tmp_path: Path,
    clock: FakeClock,
) -> None:
    path = subscribed(FeedKind.HOMEWORK).path
    tags, dates = [], []
    for number, roster in enumerate(
        (school(), school(), school().drop("lineItems", sourcedId="L1").drop("results"))
    ):
        clock.advance(days=1)
        with portal.begin() as tx:
            tx.imports.run("westborough", OneRosterFolderOrZip(roster.folder(tmp_path / f"next-{number}")))
        answer = await client.get(path)
        tags.append(answer.headers["etag"])
        dates.append(answer.headers["last-modified"])

    assert tags[0] == tags[1] != tags[2]
    assert len(set(dates)) == 3


async def test_head_tells_what_get_would(
    client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    path = subscribed(FeedKind.HOMEWORK).path

    head, get = await client.head(path), await client.get(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]


async def test_that_a_program_asked_is_noted(
    portal: Portal, client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed], clock: FakeClock
) -> None:
    await client.get(subscribed(FeedKind.HOMEWORK).path)

    with portal.begin(read_only=True) as tx:
        assert tx.session.scalars(select(FeedRow.read_at)).one() == clock.now()


@pytest.mark.requirement("R101")
async def test_a_key_that_opens_nothing_is_answered_the_same_whyever(
    portal: Portal, client: httpx.AsyncClient, subscribed: Callable[[FeedKind], Feed]
) -> None:
    homework, events = subscribed(FeedKind.HOMEWORK), subscribed(FeedKind.EVENTS)
    answers = [await client.get("/calendar/unknown.ics"), await client.get(f"/calendar/{'k' * 129}.ics")]
    with portal.begin() as tx:
        tx.feeds.revoke("conversation", homework.feed_id)
    answers.append(await client.get(homework.path))
    with portal.begin() as tx:
        tx.session.execute(
            update(AccountRow).values(disabled_at=datetime(2026, 10, 15, tzinfo=ZoneInfo("UTC")))
        )
    answers.append(await client.get(events.path))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
