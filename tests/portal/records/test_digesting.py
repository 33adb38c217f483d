"""What a regular mail tells is looked up when it leaves: only the chosen child, only what is entered."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.models import OutboxRow
from portal.core.outbox import NOTHING_NEW
from portal.records.notifications import Digest, Frequency, InChat, NotificationChange, Subject
from portal.sis.models import AttendanceEvent, Term, TermGrade
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.notified import (
    DAILY,
    HERE,
    change,
    notification,
    notified_family,
    put_due,
    sent,
    student_id,
)
from tests.support.portals import make_district, make_parent, sign_in

EVERYTHING = NotificationChange(Frequency.WEEKLY, tuple(Subject))


@pytest.fixture
def account(portal: Portal, tmp_path: Path) -> str:
    return notified_family(portal, tmp_path, school_bulletin=True, lunch_balance=True)


def told_next(portal: Portal, clock: FakeClock, days: int = 7) -> list[Digest]:
    """Let so many days pass, and return what the mails of that morning say."""
    clock.advance(days=days)
    put_due(portal)
    return sent(portal)


@pytest.mark.requirement("R96")
def test_each_chosen_subject_is_told_of_the_one_child(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, EVERYTHING)

    (digest,) = told_next(portal, clock, 1)

    assert (digest.student, digest.since, digest.today) == ("Maya", date(2026, 10, 9), date(2026, 10, 16))
    assert digest.grades is not None
    assert {line.course: line.percent for line in digest.grades.lines if line.percent} == {
        "Algebra I": Decimal("88"),
        "English 9": Decimal("95.5"),
    }
    assert not any(line.final for line in digest.grades.lines)
    assert digest.attendance is not None
    assert (digest.attendance.absences, digest.attendance.tardies) == (3, 1)
    assert [line.title for line in digest.scored] == ["Essay"]
    assert [line.title for line in digest.missing] == ["Problem set 1"]
    assert [line.title for line in digest.coming] == ["Problem set 2", "Vocabulary quiz"]
    assert digest.missed == ()
    assert digest.bulletin is not None
    assert [each.title for each in digest.bulletin.notices] == ["Book fair", "Lost and found"]
    assert digest.balance is not None
    assert [(each.account, each.balance) for each in digest.balance.accounts] == [
        ("lunch", Decimal("13.50")),
        ("fees", Decimal("-18.00")),
    ]
    assert "Zoe" not in repr(digest)


@pytest.mark.parametrize("subject", Subject)
def test_what_was_not_chosen_is_not_told(
    portal: Portal, account: str, clock: FakeClock, subject: Subject
) -> None:
    change(portal, NotificationChange(Frequency.MONTHLY, (subject,)))

    (digest,) = told_next(portal, clock, 1)

    is_told = {
        Subject.GRADES: digest.grades is not None,
        Subject.ASSIGNMENTS: bool(digest.scored),
        Subject.ATTENDANCE: bool(digest.missed),
        Subject.BULLETIN: digest.bulletin is not None,
        Subject.BALANCE: digest.balance is not None,
    }
    assert [each for each, told in is_told.items() if told] == [subject]


def test_a_page_that_was_turned_off_since_is_left_out(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, EVERYTHING)
    make_district(portal)

    (digest,) = told_next(portal, clock, 1)

    assert digest.subjects == (Subject.GRADES, Subject.ASSIGNMENTS, Subject.ATTENDANCE)
    assert (digest.bulletin, digest.balance) == (None, None)


def test_nothing_leaves_once_all_that_was_chosen_is_turned_off(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, NotificationChange(Frequency.WEEKLY, (Subject.BALANCE,)))
    make_district(portal)

    assert told_next(portal, clock, 1) == []


def test_the_outbox_holds_neither_a_name_nor_a_grade(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, EVERYTHING)
    clock.advance(days=1)
    put_due(portal)
    sent(portal)

    with portal.begin(read_only=True) as tx:
        (row,) = tx.session.scalars(select(OutboxRow)).all()
    kept = json.loads(row.details)
    assert kept.keys() == {"notification", "period", "since", "is_new", "told"}
    for word in ("Maya", "López", "Algebra", "88", "13.50", "Essay", "Book fair"):
        assert word not in row.details.replace(kept["told"], "").replace(kept["notification"], "")


def test_days_are_told_from_shortly_before_the_last_mail(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, EVERYTHING)
    told_next(portal, clock, 1)

    (digest,) = told_next(portal, clock)

    # Two days more than a week: what was entered on a Friday may be imported on a Sunday.
    assert (digest.since, digest.today) == (date(2026, 10, 14), date(2026, 10, 23))


def test_without_anything_new_a_weekly_mail_says_so(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, NotificationChange(Frequency.WEEKLY, (Subject.GRADES, Subject.ATTENDANCE)))

    (first,) = told_next(portal, clock, 1)
    (second,) = told_next(portal, clock)

    assert (first.is_new, second.is_new) == (True, False)


def test_without_anything_new_a_daily_mail_stays_away_and_that_is_on_record(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, DAILY)
    told_next(portal, clock, 1)

    silent = told_next(portal, clock, 1)

    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(OutboxRow).order_by(OutboxRow.created_at)).all()
    assert silent == []
    assert [(row.sent_at is not None, row.last_error) for row in rows] == [(True, None), (False, NOTHING_NEW)]
    assert notification(portal).period == 2


def grade_changed(portal: Portal) -> None:
    with portal.begin() as tx:
        query = select(TermGrade).where(TermGrade.student_id == student_id(portal, "7001"))
        row = next(each for each in tx.session.scalars(query) if each.percent == Decimal(88))
        row.percent = Decimal(89)


def day_entered(portal: Portal) -> None:
    with portal.begin() as tx:
        query = select(AttendanceEvent).where(AttendanceEvent.student_id == student_id(portal, "7001"))
        # Entered late, for a day long ago: it is news all the same.
        row = next(each for each in tx.session.scalars(query) if each.day == date(2026, 9, 21))
        row.category = "Excused Absence"


@pytest.mark.parametrize("news", [grade_changed, day_entered])
def test_whatever_the_school_changed_is_news(
    portal: Portal, account: str, clock: FakeClock, news: object
) -> None:
    assert callable(news)
    change(portal, DAILY)
    told_next(portal, clock, 1)
    told_next(portal, clock, 1)
    news(portal)

    (digest,) = told_next(portal, clock, 1)

    assert digest.is_new


def test_another_choice_of_subjects_is_news(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, DAILY)
    told_next(portal, clock, 1)
    sign_in(portal)
    change(portal, NotificationChange(subjects=(Subject.BALANCE,)))

    (digest,) = told_next(portal, clock, 1)

    assert digest.is_new
    assert digest.balance is not None


def test_a_mail_that_was_asked_for_tells_all_of_it_also_without_news(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, DAILY)
    told_next(portal, clock, 1)
    sign_in(portal)
    with portal.begin() as tx:
        tx.notifications.send_now(HERE, ["Maya"], "turn")

    (digest,) = sent(portal)

    assert (digest.frequency, digest.is_new) == (None, True)


def test_the_demo_shows_a_mail_that_left_as_it_was(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal, EVERYTHING)
    clock.advance(days=1)
    put_due(portal)
    with portal.begin(read_only=True) as tx:
        before = tx.deliveries.latest(10)
    (told,) = sent(portal)

    with portal.begin(read_only=True) as tx:
        (mail,) = tx.deliveries.latest(10)

    assert before == []
    assert mail.content == told


def test_a_mail_that_left_shows_nothing_once_the_child_is_unlinked(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, EVERYTHING)
    told_next(portal, clock, 1)
    with portal.begin() as tx:
        tx.links.unlink(account, student_id(portal, "7001"))

    with portal.begin(read_only=True) as tx:
        assert tx.deliveries.latest(10) == []


def test_a_child_in_no_term_is_told_of_as_far_as_anything_is_on_file(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        for term in tx.session.scalars(select(Term)):
            term.retired_at = tx.now
    change(portal, EVERYTHING)

    (digest,) = told_next(portal, clock, 1)

    assert (digest.grades, digest.attendance, digest.scored) == (None, None, ())
    assert digest.balance is not None


@pytest.mark.parametrize(
    ("channel", "heard"),
    [
        ("telegram", ["signed in", "timed out"]),
        ("console", ["signed in", "timed out"]),
        ("webchat", ["signed in"]),
        ("web", ["signed in"]),
    ],
)
def test_details_are_told_in_a_browser_only_while_the_parent_is_signed_in(
    portal: Portal, account: str, clock: FakeClock, channel: str, heard: list[str]
) -> None:
    change(portal, NotificationChange(Frequency.WEEKLY, None, InChat.DETAILS))
    sign_in(portal, conversation="chat", channel=channel)
    found = ["signed in"] if hears(portal, "chat") else []

    clock.advance(hours=10)

    found += ["timed out"] if hears(portal, "chat") else []
    assert found == heard


@pytest.mark.parametrize("wanted", [InChat.NONE, InChat.NEWS])
def test_no_details_are_told_to_whoever_did_not_ask_for_them(
    portal: Portal, account: str, wanted: InChat
) -> None:
    change(portal, NotificationChange(Frequency.WEEKLY, None, wanted))

    assert not hears(portal, HERE)


def test_no_details_are_told_in_a_conversation_of_somebody_else(portal: Portal, account: str) -> None:
    change(portal, NotificationChange(Frequency.WEEKLY, None, InChat.DETAILS))
    make_parent(portal, username="other")
    sign_in(portal, "other", conversation="other")
    # A chat that was handed on: the last to sign in there is the one who talks there.
    sign_in(portal, conversation="shared")
    sign_in(portal, "other", conversation="shared")

    assert hears(portal, HERE)
    assert not hears(portal, "other")
    assert not hears(portal, "shared")
    assert not hears(portal, "unknown")


def hears(portal: Portal, conversation: str) -> bool:
    """Tell whether a conversation is told what the only notification says."""
    values = {"notification": notification(portal).notification_id, "since": "2026-10-09"}
    with portal.begin(read_only=True) as tx:
        digest = tx.digests.for_chat(conversation, values)
    return digest is not None


def test_news_of_a_notification_that_is_gone_tell_nothing(portal: Portal, account: str) -> None:
    with portal.begin(read_only=True) as tx:
        assert tx.digests.for_chat(HERE, {"notification": "gone", "since": "2026-10-09"}) is None
        assert tx.digests.for_chat(HERE, {}) is None
