"""A parent changes username and address behind the password; the old address can take a change back."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import (
    ChangeEmail,
    ChangeUsername,
    Confirmation,
    ConfirmEmail,
    EmailChangeAsked,
    EmailConfirmed,
    PasswordSet,
    PreferencesShown,
    SignedIn,
    UsernameChanged,
)
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import EMAIL, asker, hand_over, mails, recovery_token, set_password
from tests.support.portals import PASSWORD, change, make_district, make_parent, sign_in

BAD = Refused(Reason.BAD_CREDENTIALS)
WRONG = "a wrong password here"
NEW = "New.Address@mailbox.example"


def rename(
    portal: Portal, username: str, password: str = PASSWORD, **given: str
) -> UsernameChanged | Refused:
    asked = {"conversation": "conversation", "source": uuid4().hex, "request_id": uuid4().hex, **given}
    return portal.change_username(ChangeUsername(username=username, password=Secret(password), **asked))


def move(
    portal: Portal, email: str = NEW, password: str = PASSWORD, **given: str
) -> EmailChangeAsked | Refused:
    asked = {"conversation": "conversation", "source": uuid4().hex, "request_id": uuid4().hex, **given}
    return portal.change_email(ChangeEmail(email=email, password=Secret(password), **asked))


def confirm(portal: Portal, token: str) -> EmailConfirmed | Refused:
    return portal.confirm_email(ConfirmEmail(asker(), Secret(token), Secret(PASSWORD)))


def undo(portal: Portal, token: str) -> bool:
    with portal.begin() as tx:
        return tx.preferences.undo_email_change("westborough", token)


def preferences(portal: Portal) -> PreferencesShown | Refused:
    with portal.begin() as tx:
        return tx.preferences.show("conversation")


def signed_in_marisol(portal: Portal, **options: Any) -> str:
    make_district(portal, **options)
    account = make_parent(portal, email=EMAIL, email_confirmed=True)
    sign_in(portal)
    return account


def fields(key: str, field: str = "username", number: int | None = None) -> Refused:
    return Refused(Reason.FIELDS_REFUSED, violations=(Violation(key, number, field),))


def events(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number)))


def test_new_username_signs_in_and_the_old_one_no_longer(portal: Portal) -> None:
    account = signed_in_marisol(portal)

    outcome = rename(portal, " Marisol.Q ")

    assert outcome == UsernameChanged("Marisol.Q")
    assert isinstance(preferences(portal), PreferencesShown)
    assert sign_in(portal, "mlopez", conversation="b") == BAD
    assert isinstance(sign_in(portal, "marisol.q", conversation="b"), SignedIn)
    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
    assert (mail.kind, mail.address, mail.recipient) == ("username_changed", EMAIL, account)
    assert "username.changed" in events(portal)


@pytest.mark.requirement("R56")
def test_username_that_is_taken_brings_free_ones_to_choose_from(portal: Portal) -> None:
    signed_in_marisol(portal)
    make_parent(portal, username="marisol")

    outcome = rename(portal, "MARISOL")

    assert isinstance(outcome, Refused)
    assert outcome.violations == (Violation("username_taken", field="username"),)
    assert len(outcome.choices) == 3
    assert isinstance(rename(portal, outcome.choices[0]), UsernameChanged)


def test_name_that_others_tried_before_does_not_lock_its_first_owner_out(portal: Portal) -> None:
    signed_in_marisol(portal, profile="powerschool")
    for _ in range(5):
        sign_in(portal, "marisol", WRONG, conversation="b")

    rename(portal, "marisol")

    assert isinstance(sign_in(portal, "marisol"), SignedIn)


@pytest.mark.case("Q8")
@pytest.mark.parametrize(
    ("username", "key", "number"),
    [
        (" ", "empty", None),
        ("x" * 51, "too_long", 50),
        ("mlopez", "username_same", None),
        ("MLopez", "username_same", None),
        ("\u0430lice", "username_invalid", None),
        ("alice.", "username_invalid", None),
        ("ali\u200bce", "username_invalid", None),
        ("a\0b", "username_invalid", None),
        (EMAIL, "username_invalid", None),
    ],
)
def test_username_that_cannot_be_is_told_beside_the_field(
    portal: Portal, hasher: CountingHasher, username: str, key: str, number: int | None
) -> None:
    signed_in_marisol(portal)
    before = hasher.verified

    outcome = rename(portal, username)

    assert outcome == fields(key, number=number)
    assert hasher.verified == before


def test_family_of_a_district_of_requests_may_sign_in_with_its_own_address_only(portal: Portal) -> None:
    signed_in_marisol(portal, account_opening="request")

    another = rename(portal, "another@mailbox.example")
    own = rename(portal, EMAIL)

    assert another == fields("username_invalid")
    assert own == UsernameChanged(EMAIL)


@pytest.mark.case("A6")
@pytest.mark.parametrize(("asks", "wish"), [(rename, "marisol"), (move, NEW)], ids=["username", "email"])
def test_wrong_password_changes_nothing_and_counts(portal: Portal, asks: Any, wish: str) -> None:
    signed_in_marisol(portal, lock={"mode": "wait", "fails": 3})

    wrong = [asks(portal, wish, WRONG) for _ in range(3)]
    locked = asks(portal, wish)

    assert wrong == [BAD] * 3
    assert isinstance(locked, Refused)
    assert locked.reason is Reason.LOCKED_WAIT
    with portal.begin(read_only=True) as tx:
        assert mails(tx) == []
    assert events(portal)[-4:] == ["proof.failed"] * 3 + ["signin.locked"]


def test_sixth_change_in_the_hour_is_throttled(portal: Portal, clock: FakeClock) -> None:
    signed_in_marisol(portal, session_idle_minutes=120)
    for number in range(5):
        rename(portal, f"marisol{number}")

    sixth = rename(portal, "marisol")
    clock.advance(hours=1)

    assert isinstance(sixth, Refused)
    assert sixth.reason is Reason.THROTTLED
    assert rename(portal, "marisol") == UsernameChanged("marisol")


@pytest.mark.parametrize(("asks", "wish"), [(rename, "marisol"), (move, NEW)], ids=["username", "email"])
def test_nobody_signed_in_changes_nothing(portal: Portal, clock: FakeClock, asks: Any, wish: str) -> None:
    signed_in_marisol(portal)

    stranger = asks(portal, wish, conversation="another")
    clock.advance(hours=1)
    repeats = [asks(portal, wish, request_id="one") for _ in range(2)]

    assert stranger == Refused(Reason.NOT_SIGNED_IN)
    assert repeats == [Refused(Reason.SESSION_ENDED)] * 2


@pytest.mark.case("P13")
def test_temporary_password_permits_no_change_but_its_own(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, email=EMAIL, temporary=True)
    sign_in(portal)

    outcomes = [rename(portal, "marisol"), move(portal)]

    assert outcomes == [Refused(Reason.MUST_CHANGE_PASSWORD)] * 2


@pytest.mark.parametrize("event", ["sign_out", "sign_out_and_in", "change_password"])
def test_session_or_password_that_ends_meanwhile_changes_nothing(
    portal: Portal, hasher: CountingHasher, event: str
) -> None:
    signed_in_marisol(portal)

    def meanwhile() -> None:
        if event == "change_password":
            portal.change_password(change())
            return
        with portal.begin() as tx:
            tx.sessions.end("conversation")
        if event == "sign_out_and_in":
            sign_in(portal)

    hasher.meanwhile = meanwhile

    outcome = rename(portal, "marisol")

    expected = Reason.BAD_CREDENTIALS if event == "change_password" else Reason.SESSION_ENDED
    assert outcome == Refused(expected)
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(AccountRow.username)) == "mlopez"


def test_repeated_request_changes_once(portal: Portal) -> None:
    signed_in_marisol(portal)

    renamed = [rename(portal, "marisol", request_id="one") for _ in range(2)]
    moved = [move(portal, request_id="one") for _ in range(2)]
    empty = [rename(portal, "", request_id="two") for _ in range(2)]

    assert renamed == [UsernameChanged("marisol")] * 2
    assert moved == [EmailChangeAsked(NEW)] * 2
    assert empty == [fields("empty")] * 2
    with portal.begin(read_only=True) as tx:
        assert len(mails(tx, "confirm_email")) == 1


@pytest.mark.case("P5", "P7")
@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"password": ""}, fields("empty", "password")),
        ({"password": "x" * 1025}, Refused(Reason.INVALID_REQUEST)),
        ({"password": "a\0b"}, BAD),
        ({"conversation": "\0"}, Refused(Reason.INVALID_REQUEST)),
        ({"source": "\ud800"}, Refused(Reason.INVALID_REQUEST)),
        ({"request_id": "\0"}, Refused(Reason.INVALID_REQUEST)),
    ],
)
def test_bad_input_is_refused(portal: Portal, given: dict[str, str], outcome: Refused) -> None:
    signed_in_marisol(portal)

    assert [rename(portal, "marisol", **given), move(portal, **given)] == [outcome] * 2


@pytest.mark.requirement("R55")
def test_both_ends_are_written_to_and_nothing_changes_until_the_new_one_confirms(portal: Portal) -> None:
    account = signed_in_marisol(portal)

    outcome = move(portal)

    with portal.begin(read_only=True) as tx:
        sent = {mail.kind: (mail.address, mail.recipient) for mail in mails(tx)}
    assert outcome == EmailChangeAsked(NEW)
    assert sent == {"confirm_email": (NEW, account), "email_change_asked": (EMAIL, account)}
    assert preferences(portal) == PreferencesShown(
        "Marisol Quintero", "mlopez", EMAIL, email_confirmed=True, pending_email=NEW, language=None
    )


@pytest.mark.case("RT6")
def test_confirmed_address_replaces_the_old_one_and_voids_its_links(portal: Portal) -> None:
    signed_in_marisol(portal)
    recovery = recovery_token(portal)
    move(portal)

    outcome = confirm(portal, hand_over(portal, "confirm_email"))

    assert outcome == EmailConfirmed(Confirmation.CHANGE, "mlopez", "conversation")
    assert set_password(portal, recovery) == Refused(Reason.TOKEN_VOID)
    shown = preferences(portal)
    assert isinstance(shown, PreferencesShown)
    assert (shown.email, shown.email_confirmed, shown.pending_email) == (NEW, True, None)
    with portal.begin(read_only=True) as tx:
        [told] = mails(tx, "email_changed")
    assert told.address == EMAIL
    assert isinstance(set_password(portal, recovery_token(portal, email=NEW)), PasswordSet)


@pytest.mark.parametrize("kind", ["email_change_asked", "email_changed"])
def test_old_address_takes_the_change_back_and_ends_every_session(portal: Portal, kind: str) -> None:
    signed_in_marisol(portal)
    sign_in(portal, conversation="thief", device="thief's")
    move(portal, conversation="thief")
    pending = hand_over(portal, "confirm_email")
    if kind == "email_changed":
        confirm(portal, pending)
    token = hand_over(portal, kind)

    taken_back = undo(portal, token)

    assert taken_back
    assert not undo(portal, token)
    assert confirm(portal, pending) == Refused(Reason.TOKEN_VOID)
    assert preferences(portal) == Refused(Reason.SESSION_ENDED)
    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(AccountRow)).one()
        assert not tx.session.connection().exec_driver_sql("select * from known_devices").all()
    assert (row.email, row.email_key) == (EMAIL, EMAIL.lower())
    assert "email.change_undone" in events(portal)
    assert isinstance(set_password(portal, recovery_token(portal)), PasswordSet)


def test_thief_who_moves_on_cannot_void_what_takes_it_back(portal: Portal) -> None:
    signed_in_marisol(portal)
    move(portal)
    first = hand_over(portal, "email_change_asked")
    confirm(portal, hand_over(portal, "confirm_email"))
    move(portal, "third@mailbox.example")
    confirm(portal, hand_over(portal, "confirm_email"))

    taken_back = undo(portal, first)

    assert taken_back
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(AccountRow.email)) == EMAIL


def test_thief_who_takes_their_own_change_back_leaves_the_owners_token_good(
    portal: Portal, clock: FakeClock
) -> None:
    signed_in_marisol(portal)
    move(portal)
    owners = [hand_over(portal, "email_change_asked")]
    confirm(portal, hand_over(portal, "confirm_email"))
    owners.append(hand_over(portal, "email_changed"))
    clock.advance(minutes=1)
    move(portal, "third@mailbox.example")
    thiefs = hand_over(portal, "email_change_asked")

    taken_by_thief = undo(portal, thiefs)
    clock.advance(minutes=1)
    taken_back = undo(portal, owners[0])

    assert taken_by_thief
    assert taken_back
    # All that was issued later went with it.
    assert not undo(portal, owners[1])
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(AccountRow.email)) == EMAIL


def test_owner_who_takes_a_change_back_voids_what_the_thief_holds(portal: Portal, clock: FakeClock) -> None:
    signed_in_marisol(portal)
    move(portal)
    owners = hand_over(portal, "email_change_asked")
    confirm(portal, hand_over(portal, "confirm_email"))
    clock.advance(minutes=1)
    move(portal, "third@mailbox.example")
    thiefs = hand_over(portal, "email_change_asked")

    assert undo(portal, owners)

    assert not undo(portal, thiefs)


@pytest.mark.parametrize("token", ["", "forged", "\ud800"])
def test_forged_token_takes_nothing_back(portal: Portal, token: str) -> None:
    signed_in_marisol(portal)
    move(portal)

    assert not undo(portal, token)
    assert isinstance(preferences(portal), PreferencesShown)


def test_address_that_nobody_confirmed_is_not_asked(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, email=EMAIL)
    sign_in(portal)

    move(portal)
    confirm(portal, hand_over(portal, "confirm_email"))

    with portal.begin(read_only=True) as tx:
        assert [mail.address for mail in mails(tx)] == [NEW]
        assert tx.session.scalar(select(AccountRow.email)) == NEW


@pytest.mark.requirement("R55")
def test_parent_without_an_address_gives_one(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    move(portal)
    confirm(portal, hand_over(portal, "confirm_email"))

    shown = preferences(portal)
    assert isinstance(shown, PreferencesShown)
    assert (shown.email, shown.email_confirmed) == (NEW, True)


@pytest.mark.case("Q6")
@pytest.mark.parametrize(
    ("email", "key", "number"),
    [
        ("", "empty", None),
        ("x" * 300, "too_long", 254),
        ("a@x.example\r\nBcc: b@x.example", "email_invalid", None),
        ("\u0430lice@x.example", "email_invalid", None),
        (EMAIL.upper(), "email_same", None),
    ],
)
def test_address_that_cannot_be_is_told_beside_the_field(
    portal: Portal, email: str, key: str, number: int | None
) -> None:
    signed_in_marisol(portal)

    assert move(portal, email) == fields(key, "email", number)


@pytest.mark.case("Q6")
def test_address_with_a_plus_is_another_one(portal: Portal) -> None:
    signed_in_marisol(portal)
    local, _, domain = EMAIL.partition("@")

    assert move(portal, f"{local}+school@{domain}") == EmailChangeAsked(f"{local}+school@{domain}")


def test_account_disabled_meanwhile_is_not_confirmed_at_its_new_address(portal: Portal) -> None:
    signed_in_marisol(portal)
    move(portal)
    token = hand_over(portal, "confirm_email")
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=tx.now))

    assert confirm(portal, token) == Refused(Reason.TOKEN_VOID)
