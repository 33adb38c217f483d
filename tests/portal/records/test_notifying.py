"""Let a parent say what they are told regularly; nobody else's children and addresses are in it."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.accounts.models import AccountRow
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.records.models import NotificationRow
from portal.records.notifications import (
    Frequency,
    InChat,
    NotificationChange,
    Notifications,
    NotificationSent,
    Subject,
    masked,
)
from portal.records.notifying import SENT_NOW
from portal.records.stopping import stop_key
from portal.sis.models import Student
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.notified import (
    ADDRESS,
    HERE,
    WEEKLY,
    change,
    keep_mail_back,
    notification,
    notified_family,
    put_due,
    sent,
    shown,
    student_id,
    waiting,
)
from tests.support.portals import make_district, make_parent, sign_in


@pytest.fixture
def account(portal: Portal, tmp_path: Path) -> str:
    return notified_family(portal, tmp_path)


def send_now(
    portal: Portal, students: list[str] | None = None, turn: str = "turn"
) -> NotificationSent | Refused:
    with portal.begin() as tx:
        return tx.notifications.send_now(HERE, students, turn)


def stop(portal: Portal, key: str | None = None) -> None:
    with portal.begin() as tx:
        given = stop_key(portal.keys, notification(portal).notification_id).value if key is None else key
        tx.notifications.stop(given)


def edit(portal: Portal, account: str, **values: Any) -> None:
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        for name, value in values.items():
            setattr(row, name, value)


def close_record(portal: Portal, number: str) -> None:
    with portal.begin() as tx:
        tx.session.get_one(Student, ("westborough", student_id(portal, number))).enabled = False


def events(portal: Portal, event: str) -> list[AuditRow]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AuditRow).where(AuditRow.event == event)))


@pytest.mark.requirement("R96")
def test_nothing_is_set_before_a_parent_sets_it(portal: Portal, account: str) -> None:
    found = shown(portal)

    assert (found.address, found.confirmed) == ("m•••@mailbox.example", True)
    assert found.offered == (Subject.GRADES, Subject.ASSIGNMENTS, Subject.ATTENDANCE)
    assert [(each.student, each.frequency, each.due_at) for each in found.children] == [
        ("Leo", Frequency.NEVER, None),
        ("Maya", Frequency.NEVER, None),
    ]


@pytest.mark.requirement("R96")
def test_what_is_set_for_one_child_is_due_on_its_next_morning_and_not_for_the_other(
    portal: Portal, account: str
) -> None:
    wish = NotificationChange(Frequency.WEEKLY, (Subject.ATTENDANCE, Subject.GRADES), InChat.NEWS)

    changed = change(portal, wish)

    leo, maya = shown(portal).children
    assert isinstance(changed, Notifications)
    assert changed.children == (maya,)
    assert (maya.subjects, maya.frequency) == ((Subject.GRADES, Subject.ATTENDANCE), Frequency.WEEKLY)
    assert maya.in_chat is InChat.NEWS
    assert maya.due_at is not None
    assert maya.due_at.isoformat() == "2026-10-16T06:00:00-04:00"
    assert leo.frequency is Frequency.NEVER


@pytest.mark.requirement("R96")
def test_none_of_the_names_means_all_of_the_children(portal: Portal, account: str) -> None:
    changed = change(portal, students=None)

    assert isinstance(changed, Notifications)
    assert [each.frequency for each in changed.children] == [Frequency.WEEKLY, Frequency.WEEKLY]


def test_other_subjects_keep_the_day_of_the_week_and_another_rhythm_begins_anew(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=2)
    sign_in(portal)
    change(portal, NotificationChange(subjects=(Subject.ASSIGNMENTS,)))
    kept = shown(portal, ["Maya"]).children[0]

    change(portal, NotificationChange(Frequency.DAILY))

    renewed = shown(portal, ["Maya"]).children[0]
    assert kept.due_at is not None
    assert renewed.due_at is not None
    assert (kept.subjects, kept.due_at.day, renewed.due_at.day) == ((Subject.ASSIGNMENTS,), 16, 18)


@pytest.mark.requirement("R96")
@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({"school_bulletin": True}, (Subject.BULLETIN,)),
        ({"lunch_balance": True}, (Subject.BALANCE,)),
        ({"school_bulletin": True, "lunch_balance": True}, (Subject.BULLETIN, Subject.BALANCE)),
    ],
)
def test_subjects_are_offered_where_the_district_has_their_page(
    portal: Portal, account: str, options: dict[str, bool], more: tuple[Subject, ...]
) -> None:
    off = change(portal, NotificationChange(Frequency.WEEKLY, (Subject.GRADES, *more)))
    make_district(portal, **options)

    on = change(portal, NotificationChange(Frequency.WEEKLY, (Subject.GRADES, *more)))

    assert off == Refused(Reason.TURNED_OFF, choices=tuple(more))
    assert isinstance(on, Notifications)
    assert on.children[0].subjects == (Subject.GRADES, *more)


def test_mails_about_nothing_are_refused(portal: Portal, account: str) -> None:
    refused = change(portal, NotificationChange(Frequency.WEEKLY, ()))

    assert isinstance(refused, Refused)
    assert refused.reason is Reason.FIELDS_REFUSED
    assert [(each.key, each.field) for each in refused.violations] == [("empty", "subjects")]


@pytest.mark.parametrize("address", [None, "typed@wrong.example"])
def test_without_a_confirmed_address_nothing_is_sent_anywhere(
    portal: Portal, account: str, address: str | None
) -> None:
    edit(portal, account, email=address, email_confirmed_at=None)

    refused = change(portal)
    now = send_now(portal, ["Maya"])

    assert refused == now == Refused(Reason.EMAIL_NOT_CONFIRMED)
    assert shown(portal).confirmed is False
    assert waiting(portal) == []


def test_where_the_school_keeps_mail_back_none_is_chosen_for_that_child(portal: Portal, account: str) -> None:
    keep_mail_back(portal, account, student_id(portal, "7001"))

    refused = change(portal)
    now = send_now(portal, ["Maya"])
    both = change(portal, WEEKLY, None)

    assert refused == now == Refused(Reason.NO_MAIL_FROM_SCHOOL)
    assert isinstance(both, Notifications)
    assert {each.student: each.frequency for each in both.children} == {
        "Leo": Frequency.WEEKLY,
        "Maya": Frequency.NEVER,
    }


def test_stopping_is_not_refused_for_want_of_subjects(portal: Portal, account: str) -> None:
    change(portal)

    stopped = change(portal, NotificationChange(Frequency.NEVER, ()))

    assert isinstance(stopped, Notifications)
    assert (stopped.children[0].frequency, stopped.children[0].subjects) == (
        Frequency.NEVER,
        (Subject.GRADES,),
    )


def test_mails_can_be_stopped_without_a_confirmed_address(portal: Portal, account: str) -> None:
    change(portal)
    edit(portal, account, email=None, email_confirmed_at=None)

    stopped = change(portal, NotificationChange(Frequency.NEVER))

    assert isinstance(stopped, Notifications)
    assert stopped.children[0].due_at is None


@pytest.mark.parametrize(
    ("students", "reason", "choices"),
    [
        (["Zoe"], Reason.NOT_YOUR_STUDENT, ("Leo", "Maya")),
        (["Nobody"], Reason.NOT_YOUR_STUDENT, ("Leo", "Maya")),
        ([""], Reason.WHICH_STUDENT, ("Leo", "Maya")),
    ],
)
def test_a_name_only_chooses_among_the_parents_own_children(
    portal: Portal, account: str, students: list[str], reason: Reason, choices: tuple[str, ...]
) -> None:
    changed = change(portal, students=students)
    now = send_now(portal, students)

    assert changed == now == Refused(reason, choices=choices)


def test_a_closed_record_can_be_stopped_and_not_begun(portal: Portal, account: str) -> None:
    change(portal)
    close_record(portal, "7001")

    begun = change(portal)
    now = send_now(portal, ["Maya"])
    before = shown(portal, ["Maya"]).children[0]
    stopped = change(portal, NotificationChange(Frequency.NEVER))

    assert begun == now == Refused(Reason.STUDENT_UNAVAILABLE)
    assert not before.available
    assert isinstance(stopped, Notifications)
    assert stopped.children[0].frequency is Frequency.NEVER


def test_of_two_children_only_the_open_record_is_begun(portal: Portal, account: str) -> None:
    close_record(portal, "7002")

    changed = change(portal, students=None)

    assert isinstance(changed, Notifications)
    assert [each.frequency for each in changed.children] == [Frequency.NEVER, Frequency.WEEKLY]


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: tx.notifications.settings("elsewhere"),
        lambda tx: tx.notifications.change("elsewhere", None, WEEKLY),
        lambda tx: tx.notifications.send_now("elsewhere", None, "turn"),
    ],
    ids=["settings", "change", "send now"],
)
def test_nobody_who_is_not_signed_in_sees_or_sets_anything(
    portal: Portal, account: str, ask: Callable[[Any], object]
) -> None:
    with portal.begin() as tx:
        assert ask(tx) == Refused(Reason.NOT_SIGNED_IN)


def test_an_account_without_children_has_nothing_to_choose(portal: Portal, account: str) -> None:
    make_parent(portal, username="alone", email="alone@mailbox.example", email_confirmed=True)
    sign_in(portal, "alone", conversation="other")

    with portal.begin() as tx:
        assert tx.notifications.settings("other") == Refused(Reason.NO_STUDENT)


def test_both_parents_of_a_child_choose_for_themselves(portal: Portal, account: str) -> None:
    make_parent(
        portal,
        username="father",
        email="father@mailbox.example",
        email_confirmed=True,
        children=[student_id(portal, "7001")],
    )
    sign_in(portal, "father", conversation="other")
    change(portal)

    with portal.begin() as tx:
        found = tx.notifications.settings("other")

    assert isinstance(found, Notifications)
    assert found.children[0].frequency is Frequency.NEVER
    assert found.address == "f•••@mailbox.example"


def test_what_changes_is_in_the_audit_once_and_without_a_name(portal: Portal, account: str) -> None:
    change(portal)
    change(portal)

    audited = events(portal, "notifications.set")
    assert len(audited) == 1
    assert '"frequency": "weekly"' in audited[0].details
    assert "Maya" not in audited[0].details
    assert student_id(portal, "7001") not in audited[0].details


@pytest.mark.requirement("R96")
def test_a_mail_that_is_asked_for_leaves_now_about_each_child(portal: Portal, account: str) -> None:
    change(portal, NotificationChange(Frequency.NEVER, (Subject.ATTENDANCE,)), ["Leo"])

    outcome = send_now(portal)

    told = sent(portal)
    assert outcome == NotificationSent(("Leo", "Maya"), "m•••@mailbox.example")
    assert sorted((each.student, each.subjects, each.frequency) for each in told) == [
        ("Leo", (Subject.ATTENDANCE,), None),
        ("Maya", (Subject.GRADES,), None),
    ]
    assert [each.frequency for each in shown(portal).children] == [Frequency.NEVER, Frequency.NEVER]


def test_a_turn_that_is_taken_again_sends_no_second_mail(portal: Portal, account: str) -> None:
    first = send_now(portal, ["Maya"])

    again = send_now(portal, ["Maya"])

    assert first == again
    assert len(waiting(portal)) == 1


def test_after_a_few_mails_within_an_hour_the_next_has_to_wait(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    for turn in range(SENT_NOW.fails):
        send_now(portal, ["Maya"], str(turn))

    refused = send_now(portal, ["Maya"], "more")
    other = send_now(portal, ["Leo"], "leo")
    clock.advance(seconds=SENT_NOW.window.total_seconds())
    sign_in(portal)
    later = send_now(portal, ["Maya"], "later")

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.retry_at) == (Reason.THROTTLED, clock.now())
    assert isinstance(other, NotificationSent)
    assert isinstance(later, NotificationSent)
    assert len(waiting(portal)) == SENT_NOW.fails + 2


def test_a_child_whose_mails_have_to_wait_does_not_keep_the_other_from_one(
    portal: Portal, account: str
) -> None:
    for turn in range(SENT_NOW.fails):
        send_now(portal, ["Leo"], str(turn))

    outcome = send_now(portal, None, "both")

    assert outcome == NotificationSent(("Maya",), "m•••@mailbox.example")


@pytest.mark.requirement("R96")
def test_the_key_of_a_mail_stops_it_at_once_and_as_often_as_it_is_used(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)

    stop(portal)
    stop(portal)

    sign_in(portal)
    assert shown(portal, ["Maya"]).children[0].frequency is Frequency.NEVER
    assert sent(portal) == []
    assert len(events(portal, "notifications.stopped")) == 1


def test_the_key_also_stops_a_mail_that_was_asked_for_and_still_waits(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    send_now(portal, ["Maya"])
    clock.advance(seconds=1)

    stop(portal)

    assert sent(portal) == []
    assert events(portal, "notifications.stopped") == []


def test_an_unknown_key_stops_nothing(portal: Portal, account: str) -> None:
    change(portal)

    stop(portal, "unknown")
    stop(portal, notification(portal).notification_id)

    assert shown(portal, ["Maya"]).children[0].frequency is Frequency.WEEKLY


def test_a_key_stops_one_child_and_still_works_after_mails_were_chosen_anew(
    portal: Portal, account: str
) -> None:
    change(portal)
    key = stop_key(portal.keys, notification(portal).notification_id).value
    change(portal, students=["Leo"])
    stop(portal, key)
    change(portal)

    stop(portal, key)

    assert [each.frequency for each in shown(portal).children] == [Frequency.WEEKLY, Frequency.NEVER]


def test_the_key_that_stops_mails_is_nowhere_in_the_database(portal: Portal, account: str) -> None:
    change(portal)
    row = notification(portal)
    key = stop_key(portal.keys, row.notification_id)

    assert key.value not in str(vars(row))
    assert len(key.value) == 43
    assert str(key) == "Secret(***)"


def test_two_first_choices_at_once_make_one_row(portal: Portal, account: str) -> None:
    barrier, outcomes = Barrier(2), []

    def choose() -> None:
        barrier.wait()
        outcomes.append(change(portal))

    threads = [Thread(target=choose) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with portal.begin(read_only=True) as tx:
        count = tx.session.scalar(select(func.count()).select_from(NotificationRow))
    assert count == 1
    assert all(isinstance(each, Notifications) for each in outcomes)


@pytest.mark.parametrize(
    ("address", "shown_as"),
    [(ADDRESS, "m•••@mailbox.example"), ("a@b.example", "a•••@b.example")],
)
def test_an_address_is_masked_but_for_its_first_letter_and_its_domain(address: str, shown_as: str) -> None:
    assert masked(address) == shown_as
