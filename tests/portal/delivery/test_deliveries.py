"""The outbox leases each mail to one worker, settles it once, and forgets it when its time is over."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.core.calls import Topic
from portal.core.models import AuditRow, OutboxRow, TokenRow
from portal.core.outbox import MailKind, To
from portal.core.tokens import NewToken, TokenPurpose
from portal.delivery.outcomes import Handover, Mail, Postponed, Rejected, Sent
from portal.delivery.service import KEPT, LEASE, LONGEST_WAIT, TRIED_FOR
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent

ADDRESS = "marisol@mailbox.example"


def put(portal: Portal, kind: MailKind = MailKind.PASSWORD_CHANGED, address: str | None = ADDRESS) -> str:
    with portal.begin() as tx:
        return tx.outbox.put("westborough", kind, To(address))


def put_and_fail(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(ADDRESS))
        raise RuntimeError


def put_token(portal: Portal, account_id: str) -> tuple[str, str]:
    life = timedelta(minutes=30)
    with portal.begin() as tx:
        new = NewToken("westborough", TokenPurpose.RECOVER_PASSWORD, life, account_id)
        token_id = tx.tokens.issue(new)
        to = To(ADDRESS, account_id)
        return token_id, tx.outbox.put("westborough", MailKind.RECOVER_PASSWORD, to, token_id=token_id)


def lease(portal: Portal, owner: str = "one") -> Mail | None:
    with portal.begin() as tx:
        return tx.deliveries.lease(owner)


def settle(portal: Portal, message_id: str, handover: Handover, owner: str = "one") -> None:
    with portal.begin() as tx:
        tx.deliveries.settle(message_id, owner, handover)


def row_of(portal: Portal, message_id: str) -> OutboxRow:
    with portal.begin(read_only=True) as tx:
        return tx.session.get_one(OutboxRow, message_id)


def expires_of(portal: Portal, token_id: str) -> object:
    with portal.begin(read_only=True) as tx:
        return tx.session.get_one(TokenRow, token_id).expires_at


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


def test_mail_that_is_leased_is_nobody_elses(portal: Portal) -> None:
    put(portal)

    first, second = lease(portal), lease(portal, "two")

    assert first is not None
    assert second is None


def test_mail_that_left_is_not_leased_again(portal: Portal, clock: FakeClock) -> None:
    message_id = put(portal)
    lease(portal)

    settle(portal, message_id, Sent())

    clock.advance(days=4)
    assert lease(portal) is None
    assert row_of(portal, message_id).sent_at is not None


def test_mail_of_a_worker_that_died_is_leased_again_as_a_repeat(portal: Portal, clock: FakeClock) -> None:
    message_id = put(portal)
    first = lease(portal)

    clock.advance(seconds=LEASE.total_seconds() - 0.001)
    before = lease(portal, "two")
    clock.advance(seconds=0.001)
    after = lease(portal, "two")

    assert first is not None
    assert before is None
    assert after is not None
    assert (first.is_repeat, after.is_repeat, after.message_id) == (False, True, message_id)


def test_worker_that_lost_its_lease_may_only_report_that_the_mail_left(
    portal: Portal, clock: FakeClock
) -> None:
    message_id = put(portal)
    lease(portal)
    clock.advance(seconds=LEASE.total_seconds())
    lease(portal, "two")

    settle(portal, message_id, Rejected("refused 550"))
    given_up_at = row_of(portal, message_id).given_up_at
    settle(portal, message_id, Sent())

    assert given_up_at is None
    assert row_of(portal, message_id).sent_at is not None


def test_mail_that_is_settled_stays_as_it_is(portal: Portal) -> None:
    message_id = put(portal)
    lease(portal)
    settle(portal, message_id, Sent())

    settle(portal, message_id, Rejected("refused 550"))
    settle(portal, "nothing", Sent())

    assert row_of(portal, message_id).given_up_at is None


def test_postponed_mail_waits_longer_each_time_and_never_beyond_an_hour(
    portal: Portal, clock: FakeClock
) -> None:
    message_id = put(portal)
    waits = []
    for _ in range(10):
        assert lease(portal) is not None
        settle(portal, message_id, Postponed("refused 451"))
        wait = row_of(portal, message_id).due_at - clock.now()
        assert lease(portal) is None
        waits.append(wait)
        clock.advance(seconds=wait.total_seconds())

    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert waits[-1] == LONGEST_WAIT


def test_mail_is_given_up_after_three_days_of_trying_with_its_reason_in_the_audit(
    portal: Portal, clock: FakeClock
) -> None:
    account_id = make_parent(portal)
    with portal.begin() as tx:
        message_id = tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(ADDRESS, account_id))
    clock.advance(seconds=TRIED_FOR.total_seconds())
    lease(portal)

    settle(portal, message_id, Postponed("refused 451 4.7.1"))

    row = row_of(portal, message_id)
    assert (row.given_up_at, row.last_error) == (clock.now(), "refused 451 4.7.1")
    with portal.begin(read_only=True) as tx:
        audited = tx.session.scalars(select(AuditRow).where(AuditRow.event == "mail.given_up")).one()
        assert audited.subject == tx.audit.pseudonym("westborough", f"account:{account_id}")
    assert '"reason": "refused 451 4.7.1"' in audited.details
    assert ADDRESS not in audited.details


def test_rejected_mail_is_given_up_at_once(portal: Portal, clock: FakeClock) -> None:
    message_id = put(portal)
    lease(portal)

    settle(portal, message_id, Rejected("refused 550 5.1.1"))

    clock.advance(days=1)
    assert row_of(portal, message_id).last_error == "refused 550 5.1.1"
    assert lease(portal) is None


def test_mail_for_nobody_leaves_nothing_behind(portal: Portal) -> None:
    message_id = put(portal, address=None)

    leased = lease(portal)

    assert leased is None
    with portal.begin(read_only=True) as tx:
        assert tx.session.get(OutboxRow, message_id) is None


def test_mail_for_nobody_does_not_hold_up_the_next(portal: Portal) -> None:
    put(portal, address=None)
    message_id = put(portal)

    leased = lease(portal)

    assert leased is not None
    assert leased.message_id == message_id


def test_mail_of_a_newer_version_waits_for_it_and_does_not_hold_up_the_next(portal: Portal) -> None:
    newer = put(portal)
    with portal.begin() as tx:
        tx.session.get_one(OutboxRow, newer).kind = "not_known_yet"
    message_id = put(portal)

    leased, after = lease(portal), lease(portal)

    assert leased is not None
    assert (leased.message_id, after) == (message_id, None)
    assert row_of(portal, newer).given_up_at is None


@pytest.mark.requirement("R35")
@pytest.mark.case("E7")
def test_life_of_a_token_starts_at_every_try_until_one_is_taken(portal: Portal, clock: FakeClock) -> None:
    token_id, message_id = put_token(portal, make_parent(portal))
    untried = expires_of(portal, token_id)
    lease(portal)
    tried = expires_of(portal, token_id)
    settle(portal, message_id, Postponed("server_away", is_server_away=True))
    clock.advance(hours=2)
    again = clock.now()
    lease(portal)

    settle(portal, message_id, Sent())

    assert untried is None
    assert tried == again - timedelta(hours=2) + timedelta(minutes=30)
    assert expires_of(portal, token_id) == again + timedelta(minutes=30)


def test_mail_whose_token_is_void_is_not_sent(portal: Portal) -> None:
    account_id = make_parent(portal)
    _, message_id = put_token(portal, account_id)
    with portal.begin() as tx:
        tx.tokens.void(account_id)

    leased = lease(portal)

    assert leased is None
    assert row_of(portal, message_id).last_error == "overtaken"


def test_mail_whose_token_is_forgotten_is_not_sent(portal: Portal) -> None:
    token_id, message_id = put_token(portal, make_parent(portal))
    with portal.begin() as tx:
        tx.session.delete(tx.session.get_one(TokenRow, token_id))

    leased = lease(portal)

    assert leased is None
    assert row_of(portal, message_id).last_error == "overtaken"


@pytest.mark.case("RT8")
def test_outbox_holds_neither_the_token_nor_the_usernames(portal: Portal) -> None:
    account_id = make_parent(portal, username="CANARY-name", email=ADDRESS)
    put_token(portal, account_id)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.RECOVER_USERNAME, To(ADDRESS, account_id))

    mails = [lease(portal), lease(portal)]

    secrets = {mail.token.token.value for mail in mails if mail is not None and mail.token is not None}
    with portal.begin(read_only=True) as tx:
        stored = [str(vars(row)) for row in tx.session.scalars(select(OutboxRow))]
    assert len(secrets) == 1
    assert not any(secret in row for secret in (*secrets, "CANARY-name") for row in stored)


@pytest.mark.requirement("R45", "R48")
@pytest.mark.case("E8")
def test_usernames_are_read_when_the_mail_is_made_and_only_of_confirmed_open_accounts(
    portal: Portal, clock: FakeClock
) -> None:
    ids = {name: make_parent(portal, username=name, email=ADDRESS) for name in ("a-one", "b-two", "c-three")}
    make_parent(portal, username="stranger", email="other@mailbox.example")
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.RECOVER_USERNAME, To(ADDRESS, ids["a-one"]))
        rows = {row.username: row for row in tx.session.scalars(select(AccountRow))}
        for row in rows.values():
            row.email_key, row.email_confirmed_at = row.email, clock.now()
        rows["b-two"].email_confirmed_at = None
        rows["c-three"].username = "c-renamed"

    mail = lease(portal)

    assert mail is not None
    assert mail.usernames == ("a-one", "c-renamed")


def test_address_that_was_left_meanwhile_learns_no_username_of_the_new_one(portal: Portal) -> None:
    account_id = make_parent(portal, username="a-one", email=ADDRESS, email_confirmed=True)
    make_parent(portal, username="b-two", email="other@mailbox.example", email_confirmed=True)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.RECOVER_USERNAME, To(ADDRESS, account_id))
        row = tx.session.get_one(AccountRow, account_id)
        row.email = row.email_key = "other@mailbox.example"

    assert lease(portal) is None


def test_username_mail_of_an_account_closed_meanwhile_is_not_sent(portal: Portal, clock: FakeClock) -> None:
    account_id = make_parent(portal, email=ADDRESS)
    with portal.begin() as tx:
        message_id = tx.outbox.put("westborough", MailKind.RECOVER_USERNAME, To(ADDRESS, account_id))
        tx.session.get_one(AccountRow, account_id).disabled_at = clock.now()

    leased = lease(portal)

    assert leased is None
    assert row_of(portal, message_id).last_error == "overtaken"


def test_language_is_the_mails_else_the_accounts(portal: Portal) -> None:
    account_id = make_parent(portal)
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, account_id).language = "pt"
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(ADDRESS, account_id, "es"))
        tx.outbox.put("westborough", MailKind.USERNAME_CHANGED, To(ADDRESS, account_id))
        tx.outbox.put("westborough", MailKind.STAFF_CASE, To(ADDRESS), number=1)

    mails = [lease(portal) for _ in range(3)]

    assert {mail.kind: mail.language for mail in mails if mail} == {
        MailKind.PASSWORD_CHANGED: "es",
        MailKind.USERNAME_CHANGED: "pt",
        MailKind.STAFF_CASE: "",
    }


def test_purge_forgets_what_was_settled_a_month_ago_and_nothing_else(
    portal: Portal, clock: FakeClock
) -> None:
    for handover in (Sent(), Rejected("refused 550")):
        message_id = put(portal)
        lease(portal)
        settle(portal, message_id, handover)
    waiting = put(portal)
    clock.advance(seconds=KEPT.total_seconds() - 1)
    portal.purge()
    with portal.begin(read_only=True) as tx:
        before = len(list(tx.session.scalars(select(OutboxRow))))

    clock.advance(seconds=1)
    portal.purge()

    with portal.begin(read_only=True) as tx:
        left = [row.message_id for row in tx.session.scalars(select(OutboxRow))]
    assert before == 3
    assert left == [waiting]


def test_two_workers_at_once_take_every_mail_exactly_once(portal: Portal) -> None:
    wanted = {put(portal) for _ in range(40)}
    taken: list[str] = []
    barrier = Barrier(4)

    def work(owner: str) -> None:
        barrier.wait()
        while (mail := lease(portal, owner)) is not None:
            settle(portal, mail.message_id, Sent(), owner)
            taken.append(mail.message_id)

    threads = [Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(wanted)
    assert set(taken) == wanted


def test_whoever_waits_for_mail_is_told_after_the_commit_and_not_without_one(portal: Portal) -> None:
    told: list[bool] = []
    portal.calls.listen(Topic.MAIL, lambda _: told.append(True))

    put(portal)
    with pytest.raises(RuntimeError):
        put_and_fail(portal)
    with portal.begin() as tx:
        tx.districts.all()
    portal.calls.listen(Topic.MAIL, None)
    put(portal)

    assert told == [True]
