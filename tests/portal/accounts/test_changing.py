"""Changing a password: what is wrong with it is said at once, and nothing more is said than that."""

from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from portal.accounts.models import AccountRow, PasswordRow
from portal.accounts.outcomes import LiveSession, PasswordChanged, SignedIn
from portal.accounts.passwords import HashingPool
from portal.core.models import AuditRow, OutboxRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, PASSWORD, change, make_district, make_parent, sign_in

STRICT = {
    "min_length": 12,
    "upper_and_lower": True,
    "letter_and_number": True,
    "special": True,
}


def refused(*keys: str) -> Refused:
    return Refused(Reason.PASSWORD_REFUSED, violations=tuple(Violation(key) for key in keys))


def current(portal: Portal, conversation: str = "conversation") -> LiveSession | Refused:
    with portal.begin() as tx:
        return tx.sessions.current(conversation)


@pytest.mark.requirement("R32")
def test_next_sign_in_uses_the_new_password(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    outcome = portal.change_password(change())

    assert outcome == PasswordChanged(signed_in=True)
    assert sign_in(portal) == Refused(Reason.BAD_CREDENTIALS)
    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("state", ["temporary", "expired"])
def test_forced_change_signs_in_and_ends_what_forced_it(portal: Portal, clock: FakeClock, state: str) -> None:
    make_district(portal)
    account = make_parent(portal, **{state: True})
    sign_in(portal)

    outcome = portal.change_password(change())
    session = current(portal)
    clock.advance(days=4)
    later = sign_in(portal, password=NEW_PASSWORD)

    assert outcome == PasswordChanged(signed_in=True)
    assert isinstance(session, LiveSession)
    assert (session.account_id, session.scope) == (account, "full")
    assert later == SignedIn(account, "Marisol Quintero", START)


@pytest.mark.requirement("R55")
def test_change_is_told_to_the_address_on_file(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email="a@mailbox.example", language="es")
    sign_in(portal)

    portal.change_password(change())

    with portal.begin(read_only=True) as tx:
        [mail] = tx.session.scalars(select(OutboxRow))
    assert (mail.kind, mail.address, mail.recipient) == ("password_changed", "a@mailbox.example", account)
    assert (mail.language, mail.token_id) == ("es", None)


def test_change_ends_every_other_session_and_renews_this_one(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, conversation="phone")
    clock.advance(minutes=1)
    sign_in(portal)
    before = current(portal)
    clock.advance(minutes=1)

    portal.change_password(change())
    after = current(portal)

    assert isinstance(before, LiveSession)
    assert isinstance(after, LiveSession)
    assert after.session_id != before.session_id
    assert after.previous_sign_in == before.previous_sign_in == START
    assert current(portal, "phone") == Refused(Reason.SESSION_ENDED)


@pytest.mark.case("P1")
@pytest.mark.requirement("R24", "R25", "R26", "R27", "R28", "R29", "R30")
def test_all_violations_are_returned_together_in_order(portal: Portal) -> None:
    make_district(portal, password=STRICT)
    make_parent(portal, password="Three-green-kettles-4")
    sign_in(portal, password="Three-green-kettles-4")

    outcome = portal.change_password(change("not the current one", "", again="else"))

    assert outcome == Refused(
        Reason.PASSWORD_REFUSED,
        violations=(
            Violation("current_not_correct"),
            Violation("too_short", 12),
            Violation("upper_and_lower"),
            Violation("letter_and_number"),
            Violation("special"),
            Violation("verification_mismatch"),
        ),
    )


@pytest.mark.case("P1", "P8")
@pytest.mark.requirement("R31")
@pytest.mark.parametrize(
    ("new", "again", "expected"),
    [
        (NEW_PASSWORD, "different lanterns sway", refused("verification_mismatch")),
        (PASSWORD, PASSWORD, refused("previously_used")),
        ("Westborough2026!!", "Westborough2026!!", refused("blocklisted")),
        ("with\u200bzero\u200bwidth spaces", "with\u200bzero\u200bwidth spaces", refused("characters")),
        ("with\ta\ttabulator key", "with\ta\ttabulator key", refused("characters")),
        ("with a \0 null byte", "with a \0 null byte", refused("characters")),
        ("right to left\u202e marks", "right to left\u202e marks", refused("characters")),
    ],
)
def test_one_violation_is_named(portal: Portal, new: str, again: str, expected: Refused) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    outcome = portal.change_password(change(new=new, again=again))

    assert outcome == expected
    assert isinstance(sign_in(portal), SignedIn)


@pytest.mark.case("P3")
@pytest.mark.parametrize("place", [73, 79])
def test_long_passwords_are_compared_to_the_end(portal: Portal, place: int) -> None:
    make_district(portal)
    long = "".join(chr(97 + number * 7 % 26) for number in range(80))
    make_parent(portal, password=long)

    outcome = sign_in(portal, password=long[:place] + "#" + long[place + 1 :])

    assert outcome == Refused(Reason.BAD_CREDENTIALS)


@pytest.mark.case("P5")
@pytest.mark.parametrize("field", ["current", "new", "again"])
@pytest.mark.parametrize("text", ["a" * 1025, "\U0001f600" * 1025, "\ud800"])
def test_password_past_every_limit_is_an_invalid_request(
    portal: Portal, hasher: CountingHasher, field: str, text: str
) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    before = hasher.verified

    outcome = portal.change_password(change(**{field: text}))

    assert outcome == Refused(Reason.INVALID_REQUEST)
    assert hasher.verified == before


@pytest.mark.case("P7")
@pytest.mark.parametrize("field", ["conversation", "source", "request_id"])
def test_text_that_cannot_be_stored_is_an_invalid_request(portal: Portal, field: str) -> None:
    outcome = portal.change_password(change(**{field: "a\0b"}))

    assert outcome == Refused(Reason.INVALID_REQUEST)


@pytest.mark.case("P11")
def test_last_five_passwords_are_refused_and_the_sixth_accepted(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    names = ("willow", "cedar", "maple", "birch", "hazel", "rowan", "alder")
    passwords = [f"{name} by the quiet river" for name in names]
    make_parent(portal, password=passwords[0])
    sign_in(portal, password=passwords[0])
    for old, new in pairwise(passwords):
        clock.advance(minutes=1)
        assert portal.change_password(change(old, new)) == PasswordChanged(signed_in=True)

    last, fifth_last, sixth_last = (
        portal.change_password(change(passwords[-1], new))
        for new in (passwords[-1], passwords[-5], passwords[-6])
    )

    assert last == fifth_last == refused("previously_used")
    assert sixth_last == PasswordChanged(signed_in=True)


@pytest.mark.case("P11")
def test_former_password_is_known_however_its_accents_are_composed(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, password="caf\u00e9 au lait at noon")
    sign_in(portal, password="caf\u00e9 au lait at noon")
    portal.change_password(change("caf\u00e9 au lait at noon"))

    outcome = portal.change_password(change(NEW_PASSWORD, "cafe\u0301 au lait at noon"))

    assert outcome == refused("previously_used")


def test_history_keeps_no_more_than_the_longest_a_district_may_ask_for(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal, password={"history": 0})
    make_parent(portal)
    sign_in(portal)
    texts = [PASSWORD, *(f"{number} turns of the river" for number in range(26))]
    for old, new in pairwise(texts):
        clock.advance(seconds=1)
        portal.change_password(change(old, new))

    with portal.begin() as tx:
        kept = tx.session.scalar(select(func.count()).select_from(PasswordRow))
        oldest = tx.session.scalar(select(func.min(PasswordRow.replaced_at)))

    assert kept == 24
    assert oldest is not None
    assert oldest > START


@pytest.mark.case("P13")
def test_temporary_password_may_not_be_kept(portal: Portal) -> None:
    make_district(portal, password={"history": 0})
    make_parent(portal, temporary=True)
    sign_in(portal)

    outcome = portal.change_password(change(new=PASSWORD))

    assert outcome == refused("previously_used")
    assert current(portal) == Refused(Reason.MUST_CHANGE_PASSWORD)


def test_nothing_is_said_of_former_passwords_to_who_does_not_know_the_current_one(
    portal: Portal,
) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    outcome = portal.change_password(change("a wrong current one", PASSWORD))

    assert outcome == refused("current_not_correct")


@pytest.mark.requirement("R25")
def test_wrong_current_passwords_lock_the_name(portal: Portal) -> None:
    make_district(portal, profile="powerschool")
    make_parent(portal)
    sign_in(portal)

    outcomes = [portal.change_password(change("a wrong current one")) for _ in range(5)]
    locked = portal.change_password(change())

    assert outcomes == [refused("current_not_correct")] * 5
    assert locked == Refused(Reason.LOCKED_CONTACT_SCHOOL)
    assert sign_in(portal, conversation="phone") == locked
    with portal.begin() as tx:
        events = list(tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number)))
    assert events.count("password.change_failed") == 5
    assert events.count("signin.locked") == 1


def test_right_current_password_clears_the_failures_even_if_the_new_one_is_refused(
    portal: Portal,
) -> None:
    make_district(portal, profile="powerschool")
    make_parent(portal)
    sign_in(portal)
    for _ in range(4):
        portal.change_password(change("a wrong current one"))

    portal.change_password(change(new="short"))
    again = portal.change_password(change("a wrong current one"))

    assert again == refused("current_not_correct")


def test_nobody_signed_in_changes_nothing(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)

    never = portal.change_password(change())
    sign_in(portal)
    clock.advance(hours=1)
    too_late = portal.change_password(change())

    repeats = [portal.change_password(change(request_id="one")) for _ in range(2)]

    assert never == Refused(Reason.NOT_SIGNED_IN)
    assert repeats == [Refused(Reason.SESSION_ENDED)] * 2
    assert too_late == Refused(Reason.SESSION_ENDED)


def test_session_that_ends_meanwhile_changes_nothing(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    def sign_out() -> None:
        with portal.begin() as tx:
            tx.sessions.end("conversation")

    hasher.meanwhile = sign_out

    outcome = portal.change_password(change())

    assert outcome == Refused(Reason.SESSION_ENDED)
    assert isinstance(sign_in(portal), SignedIn)


def test_password_that_was_changed_meanwhile_is_no_longer_the_current_one(
    portal: Portal, hasher: CountingHasher
) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    def change_elsewhere() -> None:
        with portal.begin() as tx:
            tx.session.execute(update(AccountRow).values(password_hash="1:something else"))

    hasher.meanwhile = change_elsewhere

    outcome = portal.change_password(change())

    assert outcome == refused("current_not_correct")


def test_repeated_request_changes_once(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    outcomes = [portal.change_password(change(request_id="one")) for _ in range(3)]
    wrong = [portal.change_password(change("wrong", request_id="two")) for _ in range(2)]

    assert outcomes == [PasswordChanged(signed_in=True)] * 3
    assert wrong == [refused("current_not_correct")] * 2
    assert hasher.hashed == 2


def test_full_hashing_queue_is_busy(portal: Portal, hasher: CountingHasher) -> None:
    pool = HashingPool(places=1)
    busy = Portal(portal.engine, clock=portal.clock, keys=portal.keys, hasher=hasher, hashing=pool)

    with pool.place():
        outcome = busy.change_password(change())
    busy.close()

    assert outcome == Refused(Reason.BUSY)
