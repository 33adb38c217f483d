"""Everything that stands in somebody's way is found for staff, and nothing is given away to others."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.outcomes import Diagnosed, FailedWayIn, Finding, SafelyDiagnosed
from portal.core.outbox import MailKind, To
from portal.core.tokens import NewToken, TokenPurpose
from portal.delivery.outcomes import Handover, Rejected, Sent
from portal.sis.models import Contact, PortalAccess
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.portals import make_district, make_parent, sign_in

WAIT = {"mode": "wait", "fails": 5}
WRONG = "some quite wrong words"
HOME = "the browser at home"
FREE = SafelyDiagnosed(is_locked=False, until=None, must_contact_school=False)
NO_EMAIL = Finding(FailedWayIn.NO_EMAIL)


def diagnose(portal: Portal, username: str = "mlopez") -> Diagnosed:
    with portal.begin(read_only=True) as tx:
        return tx.diagnosis.of("westborough", username)


def safely(portal: Portal, username: str = "mlopez", device: str = "") -> SafelyDiagnosed:
    with portal.begin(read_only=True) as tx:
        return tx.diagnosis.safely("westborough", username, device)


def plainly(portal: Portal, username: str = "mlopez") -> SafelyDiagnosed:
    """Return it without since when and after how many, which has a test of its own."""
    return replace(safely(portal, username), since=None, fails=None)


def fail(portal: Portal, times: int, username: str = "mlopez", **request: str) -> None:
    for _ in range(times):
        sign_in(portal, username, WRONG, **request)


def change_account(portal: Portal, **values: object) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(**values))


def with_mail(portal: Portal) -> None:
    key = "mlopez@families.example"
    change_account(portal, email="MLopez@families.example", email_key=key, email_confirmed_at=START)


def add_contact(portal: Portal, *, enabled: bool = True, retired: bool = False) -> None:
    with portal.begin() as tx:
        names = dict.fromkeys(
            ("source_id", "identifier", "given_name", "middle_name", "family_name", "role", "email"), ""
        )
        names |= {"phone": "", "sms": "", "district_id": "westborough", "id": "c1"}
        retired_at = START if retired else None
        tx.session.add(Contact(**names, digest=b"", retired_at=retired_at, enabled=enabled))


def add_access(portal: Portal, student: str, *, allowed: bool, retired: bool = False) -> None:
    with portal.begin() as tx:
        tx.session.add(
            PortalAccess(
                district_id="westborough",
                id=uuid4().hex,
                digest=b"",
                retired_at=START if retired else None,
                contact_id="c1",
                student_id=student,
                allowed=allowed,
                receives_email=True,
            )
        )


def add_request(portal: Portal, state: str, **values: object) -> None:
    with portal.begin() as tx:
        given = {"first_name": "Ana", "last_name": "Sousa", "language": "en", "password_hash": "1:x"}
        given |= {"email": "Ana@x.example", "email_key": "ana@x.example", "reason": "", "conversation": ""}
        tx.session.add(
            AccountRequestRow(
                **given,
                request_id=uuid4().hex,
                district_id="westborough",
                state=state,
                created_at=tx.now,
                **values,
            )
        )


def ask_recovery(portal: Portal, account: str, *, send: bool = True) -> str:
    with portal.begin() as tx:
        token = tx.tokens.issue(
            NewToken("westborough", TokenPurpose.RECOVER_PASSWORD, timedelta(minutes=30), account)
        )
        if send:
            tx.tokens.sending(token)
            tx.tokens.sent(token)
        return token


def test_name_that_nothing_stops_is_told_so(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal)
    with_mail(portal)

    found = diagnose(portal, " MLOPEZ ")

    assert found == Diagnosed("mlopez", account, (Finding(FailedWayIn.NOTHING),))


def test_name_nobody_has_is_unknown_and_tells_how_often_it_was_tried(portal: Portal) -> None:
    make_district(portal)
    never = diagnose(portal, "nobody")
    fail(portal, 2, "nobody")

    tried = diagnose(portal, "nobody")

    assert never == Diagnosed("nobody", None, (Finding(FailedWayIn.UNKNOWN_NAME),))
    assert tried.findings == (Finding(FailedWayIn.UNKNOWN_NAME, count=2),)


@pytest.mark.parametrize("typed", ["\0", "\ud800", "x" * 1025])
def test_name_that_cannot_be_one_is_unknown(portal: Portal, typed: str) -> None:
    make_district(portal)

    assert diagnose(portal, typed).findings == (Finding(FailedWayIn.UNKNOWN_NAME),)
    assert safely(portal, typed) == safely(portal, "mlopez", typed) == FREE


def test_address_typed_as_a_username_names_the_accounts_it_belongs_to(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    make_parent(portal, username="jrivera")
    with_mail(portal)

    found = diagnose(portal, "mlopez@FAMILIES.example")

    assert (found.account_id, found.instead) == (None, ("jrivera", "mlopez"))
    assert diagnose(portal, "other@families.example").instead == ()


@pytest.mark.requirement("R15")
def test_lock_tells_since_when_until_when_and_after_how_many(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    with_mail(portal)
    fail(portal, 5)
    clock.advance(minutes=1)

    until = START + timedelta(minutes=15)
    assert diagnose(portal).findings == (Finding(FailedWayIn.LOCKED, START, until, 5),)
    assert plainly(portal) == SafelyDiagnosed(is_locked=True, until=until, must_contact_school=False)
    clock.advance(minutes=14)
    assert diagnose(portal).findings == (Finding(FailedWayIn.WRONG_PASSWORD, START, count=5),)
    assert safely(portal) == FREE


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("username", ["mlopez", "nobody"])
def test_lock_until_staff_sends_everybody_to_the_school(portal: Portal, username: str) -> None:
    make_district(portal, profile="powerschool")
    make_parent(portal)
    fail(portal, 5, username)

    locked = [each for each in diagnose(portal, username).findings if each.cause is FailedWayIn.LOCKED]

    assert locked == [Finding(FailedWayIn.LOCKED, START, None, 5)]
    assert plainly(portal, username) == SafelyDiagnosed(is_locked=True, until=None, must_contact_school=True)


@pytest.mark.case("A17")
@pytest.mark.parametrize(
    ("options", "by_school"),
    [({}, False), ({"profile": "aspen"}, True), ({"lock": {"mode": "until_staff"}}, True)],
)
def test_password_disabled_at_the_cap_is_named(
    portal: Portal, clock: FakeClock, options: dict[str, object], *, by_school: bool
) -> None:
    make_district(portal, lock={**WAIT})
    make_parent(portal)
    with_mail(portal)
    for _ in range(20):
        fail(portal, 5)
        clock.advance(hours=2)
    make_district(portal, **options)

    found = diagnose(portal)

    last = START + timedelta(hours=38)
    assert found.findings == (Finding(FailedWayIn.PASSWORD_DISABLED, last, None, 100),)
    assert plainly(portal) == SafelyDiagnosed(is_locked=True, until=None, must_contact_school=by_school)


@pytest.mark.parametrize(("mode", "until"), [("wait", START + timedelta(minutes=15)), ("until_staff", None)])
def test_attempt_that_was_never_settled_counts_as_locked(portal: Portal, mode: str, until: object) -> None:
    make_district(portal, lock={"mode": mode, "fails": 5})
    make_parent(portal)
    with_mail(portal)
    fail(portal, 4)
    with portal.begin() as tx:
        key, lock = (
            tx.gate.name_key("westborough", "mlopez"),
            tx.districts.get_one("westborough").options.lock,
        )
        tx.gate.enter("westborough", b"source", key, lock)

    assert diagnose(portal).findings == (Finding(FailedWayIn.LOCKED, START, until, 5),)  # type: ignore[arg-type]  # one of the two


@pytest.mark.case("A10")
def test_known_device_tells_of_its_own_counter(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    with_mail(portal)
    sign_in(portal, device=HOME)
    fail(portal, 5)
    away = [safely(portal).is_locked, safely(portal, device=HOME).is_locked]
    with portal.begin() as tx:
        tx.accounts.unlock("westborough", "mlopez", "called us", "desk")
    fail(portal, 5, device=HOME)
    at_home = [safely(portal).is_locked, safely(portal, device=HOME).is_locked]

    assert (away, at_home) == ([True, False], [False, True])
    assert [each.cause for each in diagnose(portal).findings] == [FailedWayIn.LOCKED]
    with portal.begin() as tx:
        unlocked = tx.accounts.unlock("westborough", "mlopez", "called us", "desk")
    assert getattr(unlocked, "was_locked", None) is True
    assert diagnose(portal).findings == (Finding(FailedWayIn.NOTHING),)


@pytest.mark.case("E5")
def test_safe_words_are_the_same_for_a_name_that_nobody_has(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    stages = []

    for username in ("mlopez", "nobody"):
        begun, seen = clock.now(), []
        for _ in range(25):
            fail(portal, 5, username)
            seen.append(safely(portal, username, HOME))
            clock.advance(hours=2)
        clock.advance(seconds=(begun - clock.now()).total_seconds())
        stages.append(seen)

    assert stages[0] == stages[1]
    assert {(each.is_locked, each.until is None) for each in stages[0]} == {(True, False), (True, True)}


def test_district_that_does_not_exist_locks_nobody(portal: Portal) -> None:
    assert safely(portal) == FREE


def test_disabled_account_is_told_first(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    change_account(portal, disabled_at=START)

    assert diagnose(portal).findings == (Finding(FailedWayIn.DISABLED, START), NO_EMAIL)


@pytest.mark.requirement("R13")
def test_temporary_password_is_waiting_over_or_used(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal, temporary=True)
    with_mail(portal)
    end = START + timedelta(hours=72)

    fresh = diagnose(portal).findings
    clock.advance(hours=72)
    late = diagnose(portal).findings
    change_account(portal, temporary_used_at=START)
    used = diagnose(portal).findings

    assert fresh == (Finding(FailedWayIn.MUST_CHANGE, START, end),)
    assert late == (Finding(FailedWayIn.TEMPORARY_OVER, end),)
    assert used == (Finding(FailedWayIn.TEMPORARY_USED, START),)


@pytest.mark.requirement("R14")
def test_expired_password_must_be_changed(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, password={"expires_days": 90})
    make_parent(portal)
    with_mail(portal)
    clock.advance(days=90, seconds=-1)
    before = diagnose(portal).findings
    clock.advance(seconds=1)
    aged = diagnose(portal).findings
    change_account(portal, password_expired=True)

    assert before == (Finding(FailedWayIn.NOTHING),)
    assert aged == (Finding(FailedWayIn.MUST_CHANGE, START + timedelta(days=90)),)
    assert diagnose(portal).findings == (Finding(FailedWayIn.MUST_CHANGE),)


def test_address_is_missing_or_not_confirmed(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    missing = diagnose(portal).findings
    change_account(portal, email="mlopez@families.example")

    assert missing == (NO_EMAIL,)
    assert diagnose(portal).findings == (Finding(FailedWayIn.EMAIL_UNCONFIRMED, START),)


def settle_mail(portal: Portal, account: str, handover: Handover) -> None:
    with portal.begin() as tx:
        to = To("MLopez@families.example", account)
        message_id = tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, to)
    with portal.begin() as tx:
        tx.deliveries.lease("postman")
        tx.deliveries.settle(message_id, "postman", handover)


def test_mail_that_was_refused_is_found_until_one_arrives_or_the_address_is_another(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal)
    account = make_parent(portal)
    with_mail(portal)
    settle_mail(portal, account, Rejected("refused 550 5.1.1"))
    refused = diagnose(portal).findings
    change_account(portal, email="other@families.example")
    elsewhere = diagnose(portal).findings
    with_mail(portal)
    clock.advance(minutes=1)
    settle_mail(portal, account, Sent())
    arrived = diagnose(portal).findings

    assert refused == (Finding(FailedWayIn.MAIL_REFUSED, START, count=1),)
    assert elsewhere == arrived == (Finding(FailedWayIn.NOTHING),)


def test_mail_that_was_overtaken_was_refused_by_nobody(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal)
    with_mail(portal)
    with portal.begin() as tx:
        new = NewToken("westborough", TokenPurpose.CONFIRM_EMAIL, timedelta(days=3), account)
        to = To("MLopez@families.example", account)
        tx.outbox.put("westborough", MailKind.CONFIRM_EMAIL, to, token_id=tx.tokens.issue(new))
        tx.tokens.void(account)
    with portal.begin() as tx:
        tx.deliveries.lease("postman")

    assert diagnose(portal).findings == (Finding(FailedWayIn.NOTHING),)


@pytest.mark.requirement("R35")
def test_recovery_waits_expires_and_is_done_with(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    account = make_parent(portal)
    with_mail(portal)
    ask_recovery(portal, account, send=False)
    unsent = diagnose(portal).findings
    clock.advance(minutes=1)
    ask_recovery(portal, account)
    end = clock.now() + timedelta(minutes=30)
    sent = diagnose(portal).findings
    clock.advance(minutes=30)
    over = diagnose(portal).findings
    sign_in(portal)
    signed_in = diagnose(portal).findings

    assert unsent == (Finding(FailedWayIn.RECOVERY_WAITING),)
    assert sent == (Finding(FailedWayIn.RECOVERY_WAITING, end - timedelta(minutes=30), end),)
    assert over == (Finding(FailedWayIn.RECOVERY_EXPIRED, end),)
    assert signed_in == (Finding(FailedWayIn.NOTHING),)


def test_recovery_that_was_used_or_voided_stands_in_nobodys_way(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    account = make_parent(portal)
    with_mail(portal)
    token = ask_recovery(portal, account)
    with portal.begin() as tx:
        tx.tokens.spend("westborough", TokenPurpose.RECOVER_PASSWORD, tx.tokens.derive(token))
    spent = diagnose(portal).findings
    clock.advance(minutes=1)
    ask_recovery(portal, account)
    with portal.begin() as tx:
        tx.tokens.void(account)

    assert spent == diagnose(portal).findings == (Finding(FailedWayIn.NOTHING),)


def test_request_for_an_account_is_with_the_family_or_with_staff(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, profile="aspen", account_opening="request")
    add_request(portal, "active", decided_at=START)
    decided = diagnose(portal, "ana@x.example").findings
    add_request(portal, "mailed")
    waiting = diagnose(portal, "ANA@x.example").findings
    clock.advance(minutes=1)
    add_request(portal, "staff")

    unknown = Finding(FailedWayIn.UNKNOWN_NAME)
    assert decided == (unknown,)
    assert waiting == (unknown, Finding(FailedWayIn.REQUEST_UNCONFIRMED, START))
    assert diagnose(portal, "ana@x.example").findings == (
        unknown,
        Finding(FailedWayIn.REQUEST_WITH_STAFF, START + timedelta(minutes=1)),
    )


@pytest.mark.parametrize(("contact", "since"), [({"enabled": False}, None), ({"retired": True}, START)])
def test_contact_whom_the_school_let_go_is_barred(
    portal: Portal, contact: dict[str, bool], since: object
) -> None:
    make_district(portal)
    make_parent(portal, contact_id="c1")
    with_mail(portal)
    add_contact(portal, **contact)

    [found] = diagnose(portal).findings

    assert (found.cause, found.since) == (FailedWayIn.BARRED, since)


def test_contact_without_access_to_students_is_barred_from_so_many(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, contact_id="c1")
    with_mail(portal)
    add_contact(portal)
    add_access(portal, "s1", allowed=True)
    add_access(portal, "s2", allowed=False, retired=True)
    free = diagnose(portal).findings
    add_access(portal, "s3", allowed=False)

    assert free == (Finding(FailedWayIn.NOTHING),)
    assert diagnose(portal).findings == (Finding(FailedWayIn.BARRED, count=1),)


def test_findings_come_in_the_order_in_which_they_stop_a_parent(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    account = make_parent(portal, expired=True)
    fail(portal, 5)
    change_account(portal, disabled_at=START)
    ask_recovery(portal, account)

    assert [each.cause for each in diagnose(portal).findings] == [
        FailedWayIn.LOCKED,
        FailedWayIn.DISABLED,
        FailedWayIn.MUST_CHANGE,
        FailedWayIn.NO_EMAIL,
        FailedWayIn.RECOVERY_WAITING,
    ]
