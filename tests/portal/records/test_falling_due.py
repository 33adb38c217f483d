"""Regular mails fall due once a period, whatever crashes and however many processes look."""

from pathlib import Path
from threading import Barrier, Thread

import pytest

from portal.accounts.models import AccountRow
from portal.core.models import OutboxRow
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Mail, Postponed, Sent
from portal.delivery.service import LEASE
from portal.records.falling_due import LOT
from portal.records.models import NotificationRow
from portal.records.notifications import Frequency, NotificationChange
from portal.sis.models import Contact, Student
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.notified import (
    ADDRESS,
    DAILY,
    WEEKLY,
    change,
    keep_mail_back,
    notification,
    notified_family,
    put_due,
    sent,
    student_id,
    waiting,
)
from tests.support.portals import make_district, make_parent, sign_in


@pytest.fixture
def account(portal: Portal, tmp_path: Path) -> str:
    return notified_family(portal, tmp_path)


def put_and_die(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.notifications_due.put_due()
        raise RuntimeError


def at_once(portal: Portal, workers: int) -> int:
    """Let so many workers put what is due at the same moment; return how many fell due in all."""
    barrier, counts = Barrier(workers), []

    def work() -> None:
        barrier.wait()
        while count := put_due(portal):
            counts.append(count)

    threads = [Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


@pytest.mark.requirement("R96")
def test_a_mail_falls_due_in_the_morning_and_not_before(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(hours=20, seconds=-1)
    before = put_due(portal)
    clock.advance(seconds=1)

    count = put_due(portal)

    assert (before, count, put_due(portal)) == (0, 1, 0)
    assert [(row.address, row.recipient, row.rank) for row in waiting(portal)] == [(ADDRESS, account, 1)]


@pytest.mark.requirement("R96")
def test_each_period_brings_one_mail(portal: Portal, account: str, clock: FakeClock) -> None:
    change(portal)

    told = []
    for _ in range(4):
        clock.advance(days=7)
        put_due(portal)
        told += sent(portal)

    assert [(each.student, each.frequency) for each in told] == [("Maya", Frequency.WEEKLY)] * 4


def test_however_many_periods_were_missed_one_mail_tells_of_all_of_them(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, DAILY)
    clock.advance(days=40)

    counts = [put_due(portal), put_due(portal)]

    row = notification(portal)
    assert counts == [1, 0]
    assert row.due_at is not None
    assert 0 < (row.due_at - clock.now()).total_seconds() <= 24 * 3600
    assert len(sent(portal)) == 1


def test_a_mail_that_still_waits_when_the_next_falls_due_is_overtaken_by_it(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    for _ in range(3):
        clock.advance(days=7)
        put_due(portal)

    told = sent(portal)

    with portal.begin(read_only=True) as tx:
        rows = tx.session.query(OutboxRow).order_by(OutboxRow.created_at).all()
    assert len(told) == 1
    assert [row.last_error for row in rows] == ["overtaken", "overtaken", None]


@pytest.mark.parametrize("workers", [2, 5])
def test_workers_at_once_put_each_mail_exactly_once(
    portal: Portal, account: str, clock: FakeClock, workers: int
) -> None:
    change(portal, WEEKLY, None)
    clock.advance(days=1)

    count = at_once(portal, workers)

    assert count == 2
    assert len(waiting(portal)) == 2


def test_many_lots_are_put_by_many_workers_exactly_once(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    crowd(portal, 2 * LOT + 7)
    clock.advance(days=1)

    count = at_once(portal, 4)

    assert count == 2 * LOT + 8
    assert len({row.recipient for row in waiting(portal)}) == len(waiting(portal)) == count


def crowd(portal: Portal, count: int) -> None:
    """Let so many more parents of Maya get a mail about her when the first does."""
    maya = student_id(portal, "7001")
    model = notification(portal)
    for number in range(count):
        name = f"crowd{number}"
        account = make_parent(portal, username=name, email=f"{name}@mailbox.example", email_confirmed=True)
        with portal.begin() as tx:
            tx.links.link(account, maya, "Mother")
            row = NotificationRow(
                notification_id=name,
                district_id="westborough",
                account_id=account,
                student_id=maya,
                subjects="grades",
                frequency=model.frequency,
                in_chat="none",
                digest=name.encode().ljust(32),
                due_at=model.due_at,
                chosen_at=model.chosen_at,
            )
            tx.session.add(row)


def test_a_process_killed_before_the_commit_leaves_the_mail_due(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    with pytest.raises(RuntimeError):
        put_and_die(portal)
    left = waiting(portal)

    count = put_due(portal)

    assert (left, count, len(waiting(portal))) == ([], 1, 1)


def test_a_process_killed_after_the_commit_puts_no_second_mail(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)

    # Whoever takes over finds the period counted and its one mail waiting.
    assert put_due(portal) == 0
    assert len(waiting(portal)) == 1
    assert notification(portal).period == 1


def test_a_process_killed_while_it_hands_over_repeats_the_mail_under_its_id(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)
    first = lease(portal, "killed")
    clock.advance(seconds=LEASE.total_seconds())

    second = lease(portal, "next")

    assert first is not None
    assert second is not None
    assert (second.message_id, second.is_repeat, second.content) == (first.message_id, True, first.content)


def lease(portal: Portal, owner: str) -> Mail | None:
    with portal.begin() as tx:
        return tx.deliveries.lease(owner)


def test_a_mail_that_was_postponed_leaves_later_with_what_is_true_then(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, DAILY)
    clock.advance(days=1)
    put_due(portal)
    first = lease(portal, "one")
    assert first is not None
    with portal.begin() as tx:
        tx.deliveries.settle(first.message_id, "one", Postponed("server_away", is_server_away=True))
    clock.advance(hours=1)

    told = sent(portal)

    # It never left, so nothing of it is old news.
    assert [(each.student, each.is_new) for each in told] == [("Maya", True)]


def test_mails_that_somebody_waits_for_leave_before_thousands_of_regular_ones(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal, WEEKLY, None)
    clock.advance(days=1)
    put_due(portal)
    clock.advance(seconds=1)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.RECOVER_USERNAME, To(ADDRESS, account))

    kinds = []
    while (mail := lease(portal, "one")) is not None:
        kinds.append(mail.kind)
        with portal.begin() as tx:
            tx.deliveries.settle(mail.message_id, "one", Sent())

    assert kinds == [MailKind.RECOVER_USERNAME, MailKind.NOTIFICATION, MailKind.NOTIFICATION]


def lose(portal: Portal, account: str, how: str) -> None:
    """Let the parent lose what a mail about Maya needs."""
    maya = student_id(portal, "7001")
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        match how:
            case "disabled":
                row.disabled_at = tx.now
            case "unlinked":
                tx.links.unlink(account, maya)
            case "record closed":
                tx.session.get_one(Student, ("westborough", maya)).enabled = False
            case "left the school":
                tx.session.get_one(Student, ("westborough", maya)).retired_at = tx.now
            case "barred":
                contact = tx.imports.find_contact("westborough", "9001")
                assert contact is not None
                row.contact_id = contact.id
                tx.session.get_one(Contact, ("westborough", contact.id)).enabled = False
            case "no address":
                row.email = row.email_key = row.email_confirmed_at = None
            case "address not confirmed":
                row.email_confirmed_at = None


LOSSES = [
    "disabled",
    "unlinked",
    "record closed",
    "left the school",
    "barred",
    "no address",
    "address not confirmed",
]


@pytest.mark.parametrize("how", LOSSES)
def test_whoever_lost_access_before_a_mail_falls_due_gets_none(
    portal: Portal, account: str, clock: FakeClock, how: str
) -> None:
    change(portal)
    lose(portal, account, how)
    clock.advance(days=1)

    count = put_due(portal)

    assert (count, waiting(portal)) == (1, [])
    assert put_due(portal) == 0


@pytest.mark.parametrize("how", LOSSES)
def test_whoever_lost_access_before_a_mail_leaves_gets_none(
    portal: Portal, account: str, clock: FakeClock, how: str
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)

    lose(portal, account, how)

    assert sent(portal) == []
    assert waiting(portal) == []


def test_no_mail_leaves_that_the_school_keeps_back_meanwhile(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)

    keep_mail_back(portal, account, student_id(portal, "7001"))
    left = sent(portal)
    clock.advance(days=7)
    put_due(portal)

    assert (left, waiting(portal)) == ([], [])


def test_a_mail_never_leaves_for_an_address_that_was_given_up(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    clock.advance(days=1)
    put_due(portal)
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, account).email = "new@mailbox.example"

    assert sent(portal) == []


def test_mails_stopped_in_the_portal_do_not_leave_any_more(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    with portal.begin() as tx:
        tx.notifications.send_now("conversation", ["Maya"], "turn")
    clock.advance(days=1)
    put_due(portal)
    sign_in(portal)

    change(portal, NotificationChange(Frequency.NEVER))

    assert sent(portal) == []


def test_a_district_that_moved_to_another_zone_writes_in_its_morning(
    portal: Portal, account: str, clock: FakeClock
) -> None:
    change(portal)
    make_district(portal, time_zone="America/Los_Angeles")
    clock.advance(days=1)

    put_due(portal)

    row = notification(portal)
    assert row.due_at is not None
    assert row.due_at.isoformat() == "2026-10-23T13:00:00+00:00"
