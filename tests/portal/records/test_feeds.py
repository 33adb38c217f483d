"""Keep private calendars: whose they are, what they hold, and all that ends them."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.accounts.models import AccountRow, FeedRow
from portal.accounts.outcomes import ChangeEmail, EmailChangeAsked, LiveSession, PasswordSet, SignedIn
from portal.accounts.sessions import Sessions
from portal.core.audit import ChainIntact
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.records.feeds import Feed, FeedContent, FeedKind, FeedRevoked, Feeds
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.mailbox import EMAIL, hand_over, recovery_token, set_password
from tests.support.portals import PASSWORD, sign_in
from tests.support.rosters import Family, Roster, small_roster

HOMEWORK, EVENTS = FeedKind.HOMEWORK, FeedKind.EVENTS


def school() -> Roster:
    """Return the small school with homework, scores and days of its calendar."""
    roster = small_roster()
    for key, title, due, section in (
        ("L1", "Problem set", "2026-10-20", "ALG"),
        ("L2", "Old lab", "2026-09-04", "BIO"),
        ("L3", "Last year's", "2026-05-04", "BIO"),
        ("L4", "No day", "", "BIO"),
        ("L5", "Excused from", "2026-10-21", "BIO"),
        ("L6", "Far off", "2027-06-01", "BIO"),
    ):
        roster.add("lineItems", sourcedId=key, title=title, dueDate=due, classSourcedId=section)
    roster.add("results", sourcedId="R5", lineItemSourcedId="L5", studentSourcedId="S1", scoreStatus="exempt")
    roster.add("x_events", schoolId="100", date="2026-11-06", title="No school")
    roster.add("x_events", schoolId="D1", date="2026-11-06", title="No school")
    roster.add("x_events", schoolId="D1", date="2026-12-01", title="Early release")
    roster.add("x_events", schoolId="100", date="2026-03-01", title="Long ago")
    return roster.add("x_events", schoolId="200", date="2026-11-09", title="At the other school")


@pytest.fixture
def parent(family: Family) -> None:
    family(school(), "NS1", "NS2", contact="NP1")


def subscribe(portal: Portal, child: str | None, kind: FeedKind, conversation: str = "conversation") -> Feed:
    with portal.begin() as tx:
        feed = tx.feeds.subscribe(conversation, child, kind)
    assert isinstance(feed, Feed), feed
    return feed


def key_of(feed: Feed) -> str:
    return feed.path.removeprefix("/calendar/").removesuffix(".ics")


def read(portal: Portal, feed: Feed) -> FeedContent | None:
    with portal.begin(read_only=True) as tx:
        return tx.feeds.read(key_of(feed))


def days(portal: Portal, feed: Feed) -> list[tuple[date, str, str]]:
    content = read(portal, feed)
    assert content is not None
    return [(each.day, each.course, each.title) for each in content.days]


@pytest.mark.requirement("R101")
def test_homework_holds_what_is_due_this_school_year_and_no_score(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    assert days(portal, feed) == [
        (date(2026, 9, 4), "Biology", "Old lab"),
        (date(2026, 10, 20), "Algebra I", "Problem set"),
        (date(2027, 6, 1), "Biology", "Far off"),
    ]


@pytest.mark.requirement("R101")
def test_events_are_those_of_the_childs_school_and_of_the_district(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", EVENTS)

    assert days(portal, feed) == [
        (date(2026, 11, 6), "", "No school"),
        (date(2026, 12, 1), "", "Early release"),
    ]


def test_each_child_has_entries_of_its_own(portal: Portal, parent: None) -> None:
    maya, diego = (read(portal, subscribe(portal, child, HOMEWORK)) for child in ("Maya", "Diego"))

    assert maya is not None
    assert diego is not None
    assert {day.title for day in diego.days} == {"Old lab", "Excused from", "Far off"}
    assert not {day.uid for day in maya.days} & {day.uid for day in diego.days}


def test_an_import_keeps_the_uids_and_takes_away_what_was_cancelled(
    portal: Portal, parent: None, tmp_path: Path, clock: FakeClock
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    before = read(portal, feed)
    clock.advance(days=1)
    roster = school().drop("lineItems", sourcedId="L2").change("lineItems", 2, dueDate="2026-10-22")

    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(roster.folder(tmp_path / "next")))

    after = read(portal, feed)
    assert before is not None
    assert after is not None
    uids = {day.title: day.uid for day in before.days}
    assert [(day.title, day.day, day.uid) for day in after.days] == [
        ("Problem set", date(2026, 10, 22), uids["Problem set"]),
        ("Far off", date(2027, 6, 1), uids["Far off"]),
    ]
    assert after.changed_at == before.changed_at + timedelta(days=1)


def test_subscribing_again_shows_the_same_address(portal: Portal, parent: None) -> None:
    first, again = (subscribe(portal, "Maya", HOMEWORK) for _ in range(2))

    assert first.new
    assert not again.new
    assert first.path == again.path


def test_the_table_holds_neither_the_key_nor_a_name(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(FeedRow)).one()
        held = " ".join(str(getattr(row, column.name)) for column in FeedRow.__table__.columns)

    assert key_of(feed) not in held
    assert "Maya" not in held
    assert key_of(feed) not in repr(feed)


def test_what_a_parent_has_is_listed_by_child_and_kind(portal: Portal, parent: None) -> None:
    for child, kind in (("Maya", HOMEWORK), ("Diego", HOMEWORK), ("Maya", EVENTS)):
        subscribe(portal, child, kind)

    with portal.begin() as tx:
        mine = tx.feeds.mine("conversation")

    assert not isinstance(mine, Refused)
    assert [(feed.student, feed.kind) for feed in mine] == [
        ("Diego", HOMEWORK),
        ("Maya", EVENTS),
        ("Maya", HOMEWORK),
    ]


def test_revoked_feed_answers_no_more_and_the_next_one_has_another_address(
    portal: Portal, parent: None
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    with portal.begin() as tx:
        done = tx.feeds.revoke("conversation", feed.feed_id)
        again = tx.feeds.revoke("conversation", feed.feed_id)

    assert done == FeedRevoked(HOMEWORK, "Maya")
    assert again == Refused(Reason.NOT_FOUND)
    assert read(portal, feed) is None
    assert subscribe(portal, "Maya", HOMEWORK).path != feed.path


def test_renewed_feed_answers_at_the_new_address_only(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    with portal.begin() as tx:
        renewed = tx.feeds.renew("conversation", feed.feed_id)

    assert isinstance(renewed, Feed)
    assert read(portal, feed) is None
    assert days(portal, renewed)


@pytest.mark.parametrize("change", [Feeds.revoke, Feeds.renew])
def test_another_parents_feed_is_not_found(
    portal: Portal, parent: None, family: Family, change: Callable[[Feeds, str, str], object]
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    family(school(), "NS1", conversation="other")

    with portal.begin() as tx:
        refused = change(tx.feeds, "other", feed.feed_id)
        mine = tx.feeds.mine("other")

    assert refused == Refused(Reason.NOT_FOUND)
    assert mine == ()
    assert read(portal, feed) is not None


@pytest.mark.parametrize("change", [Feeds.revoke, Feeds.renew])
def test_nothing_is_given_out_or_changed_without_a_session(
    portal: Portal, parent: None, change: Callable[[Feeds, str, str], object]
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    with portal.begin() as tx:
        tx.sessions.end("conversation")

    with portal.begin() as tx:
        refused = [
            change(tx.feeds, "conversation", feed.feed_id),
            tx.feeds.subscribe("conversation", "Maya", HOMEWORK),
            tx.feeds.mine("conversation"),
        ]

    assert refused == [Refused(Reason.NOT_SIGNED_IN)] * 3


@pytest.mark.parametrize(("child", "reason"), [(None, "which_student"), ("Zoe", "not_your_student")])
def test_only_an_own_child_has_a_feed(portal: Portal, parent: None, child: str | None, reason: str) -> None:
    with portal.begin() as tx:
        refused = tx.feeds.subscribe("conversation", child, HOMEWORK)

    assert isinstance(refused, Refused)
    assert refused.reason == reason


def test_feed_outlives_the_session(portal: Portal, parent: None, clock: FakeClock) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    clock.advance(days=30)

    assert days(portal, feed)


def test_unlinking_ends_a_feed_also_when_the_child_is_linked_again(
    portal: Portal, parent: None, clock: FakeClock
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    with portal.begin() as tx:
        account = tx.session.scalars(select(FeedRow.account_id)).one()
        student = tx.session.scalars(select(FeedRow.student_id)).one()
        tx.links.unlink(account, student)
    unlinked = read(portal, feed)
    clock.advance(minutes=1)

    with portal.begin() as tx:
        tx.links.link(account, student, "Mother")

    assert unlinked is None
    assert read(portal, feed) is None
    assert subscribe(portal, "Maya", HOMEWORK).path != feed.path


def test_disabled_account_has_no_feeds(portal: Portal, parent: None, clock: FakeClock) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)

    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=clock.now()))

    assert read(portal, feed) is None


@pytest.mark.parametrize("barred", [True, False])
def test_parent_who_may_see_the_child_no_more_reads_nothing(
    portal: Portal, parent: None, tmp_path: Path, *, barred: bool
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    roster = school()
    if barred:
        bar = {"portalAccess": "false", "receivesEmail": "false"}
        roster.add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS1", **bar)
    else:
        roster.change("users", 2, enabledUser="false")

    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(roster.folder(tmp_path / "next")))

    assert read(portal, feed) is None


def test_unknown_key_reads_nothing(portal: Portal, parent: None) -> None:
    with portal.begin() as tx:
        tx.feeds.note("unknown")

        assert tx.feeds.read("unknown") is None


def test_when_a_program_last_asked_is_noted_once_a_day(
    portal: Portal, parent: None, clock: FakeClock
) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    unnoted = []
    for _ in range(2):
        content = read(portal, feed)
        assert content is not None
        unnoted.append(content.unnoted)
        with portal.begin() as tx:
            tx.feeds.note(key_of(feed))
    clock.advance(days=1)
    content = read(portal, feed)
    assert content is not None

    assert [*unnoted, content.unnoted] == [True, False, True]
    assert isinstance(sign_in(portal, "parent1"), SignedIn)
    assert subscribe(portal, "Maya", HOMEWORK).read_at == clock.now() - timedelta(days=1)


def test_making_and_ending_a_feed_are_audited(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    with portal.begin() as tx:
        tx.feeds.revoke("conversation", feed.feed_id)

    with portal.begin() as tx:
        query = select(AuditRow.event, AuditRow.details).where(AuditRow.event.like("calendar.%"))
        rows = tx.session.execute(query.order_by(AuditRow.number)).all()
        chain = tx.audit.verify("westborough")

    assert [tuple(row) for row in rows] == [
        ("calendar.made", '{"kind": "homework"}'),
        ("calendar.revoked", '{"kind": "homework"}'),
    ]
    assert isinstance(chain, ChainIntact)


def test_feeds_that_were_switched_off_are_forgotten_after_a_month(
    portal: Portal, parent: None, clock: FakeClock
) -> None:
    kept, ended = subscribe(portal, "Maya", EVENTS), subscribe(portal, "Maya", HOMEWORK)
    with portal.begin() as tx:
        tx.feeds.revoke("conversation", ended.feed_id)

    clock.advance(days=30)
    portal.purge()

    with portal.begin() as tx:
        assert list(tx.session.scalars(select(FeedRow.feed_id))) == [kept.feed_id]


def test_calendar_that_is_renewed_twice_at_once_has_one_address(portal: Portal, parent: None) -> None:
    feed = subscribe(portal, "Maya", HOMEWORK)
    barrier = threading.Barrier(2)

    def renew() -> None:
        barrier.wait()
        with portal.begin() as tx:
            tx.feeds.renew("conversation", feed.feed_id)

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with portal.begin() as tx:
        mine = tx.feeds.mine("conversation")
    assert not isinstance(mine, Refused)
    assert len(mine) == 1


def give_address(portal: Portal) -> None:
    """Give the parent an address that mails go to."""
    with portal.begin() as tx:
        given = {"email": EMAIL, "email_key": EMAIL.lower(), "email_confirmed_at": tx.now}
        tx.session.execute(update(AccountRow).values(**given))


def set_by_mail(portal: Portal) -> None:
    """Set a new password where "This was not me" leads: with a link of a mail."""
    give_address(portal)
    done = set_password(portal, recovery_token(portal, "parent1"), username="parent1")
    assert isinstance(done, PasswordSet)


def keep_address(portal: Portal) -> None:
    """Press "It was not me" where the mail about a new address leads."""
    give_address(portal)
    asked = ChangeEmail("conversation", "elsewhere", "thief@mailbox.example", Secret(PASSWORD), "request")
    assert isinstance(portal.change_email(asked), EmailChangeAsked)
    token = hand_over(portal, "email_change_asked")
    with portal.begin() as tx:
        assert tx.preferences.undo_email_change("westborough", token)


@pytest.mark.requirement("R101")
@pytest.mark.case("RT14")
@pytest.mark.parametrize("protect", [set_by_mail, keep_address])
def test_whoever_was_in_the_account_reads_its_calendars_no_more(
    portal: Portal, parent: None, protect: Callable[[Portal], None]
) -> None:
    taken = [subscribe(portal, child, kind) for child in ("Maya", "Diego") for kind in FeedKind]

    protect(portal)

    assert [read(portal, feed) for feed in taken] == [None] * 4
    with portal.begin(read_only=True) as tx:
        events = list(tx.session.scalars(select(AuditRow.event)))
        assert events.count("calendar.revoked") == 4
        assert isinstance(tx.audit.verify("westborough"), ChainIntact)


@pytest.mark.case("RT14")
def test_a_calendar_that_is_made_while_all_of_them_end_is_refused(
    portal: Portal, parent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, made = threading.Event(), []
    current = Sessions.current

    def look(sessions: Sessions, conversation: str, **how: bool) -> LiveSession | Refused:
        live = current(sessions, conversation, **how)
        looked.set()
        return live

    def make() -> None:
        with portal.begin() as tx:
            made.append(tx.feeds.subscribe("conversation", "Maya", HOMEWORK))

    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
        assert isinstance(live, LiveSession)
        tx.calendars.end_all(live.account_id)
        tx.sessions.end_all(live.account_id)
        monkeypatch.setattr(Sessions, "current", look)
        thief = threading.Thread(target=make)
        thief.start()
        # On PostgreSQL they find the session alive and wait for the account; on SQLite they begin after it.
        looked.wait(1 if portal.engine.dialect.name == "sqlite" else 60)
    thief.join()

    assert made == [Refused(Reason.SESSION_ENDED)]
