"""A mailed token sets one new password, and ends everything that the old one opened."""

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select, update

from portal.accounts.gate import CAP
from portal.accounts.models import AccountRow, GateRow, KnownDeviceRow
from portal.accounts.outcomes import LiveSession, MustChangePassword, PasswordSet, SignedIn
from portal.accounts.passwords import HashingPool
from portal.core.models import AuditRow, TokenRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.tokens import TokenPurpose
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import EMAIL, hand_over, mails, recovery_token, set_password
from tests.support.portals import NEW_PASSWORD, PASSWORD, change, make_district, make_parent, sign_in

VOID = Refused(Reason.TOKEN_VOID)
WRONG = "a wrong password here"


def make_marisol(portal: Portal, **options: object) -> str:
    make_district(portal, **options)
    return make_parent(portal, email=EMAIL, email_confirmed=True)


def refused(*violations: Violation) -> Refused:
    return Refused(Reason.PASSWORD_REFUSED, violations=violations)


def live(portal: Portal, conversation: str) -> LiveSession | Refused:
    with portal.begin() as tx:
        return tx.sessions.any_scope(conversation)


def lock_out(portal: Portal, times: int = 10, **given: str) -> None:
    for _ in range(times):
        sign_in(portal, password=WRONG, **given)


def disable(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=tx.now))


@pytest.mark.case("RT1")
@pytest.mark.requirement("R34", "R43")
def test_token_sets_one_password_only(portal: Portal) -> None:
    account = make_marisol(portal)
    token = recovery_token(portal)

    first = set_password(portal, token)
    second = set_password(portal, token, "another password entirely")

    assert first == PasswordSet(account, "mlopez", signed_in=False, asked_in="asking")
    assert second == VOID
    assert sign_in(portal) == Refused(Reason.BAD_CREDENTIALS)
    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.case("RT2")
def test_of_fifty_uses_at_once_one_sets_the_password(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    meet = threading.Barrier(50)
    given: list[str] = []

    def use(number: int) -> None:
        meet.wait()
        outcome = set_password(portal, token, f"nine quiet lanterns {number}")
        given.append(outcome.reason.value if isinstance(outcome, Refused) else "set")

    threads = [threading.Thread(target=use, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(given) == Counter(set=1, token_void=49)
    with portal.begin(read_only=True) as tx:
        count = select(func.count()).select_from(AuditRow).where(AuditRow.event == "password.recovered")
        assert tx.session.scalar(count) == 1


@pytest.mark.case("RT3")
@pytest.mark.requirement("R35")
@pytest.mark.parametrize(("age", "outcome"), [(1799.999, "set"), (1800, "void"), (1800.001, "void")])
def test_token_is_good_for_half_an_hour(portal: Portal, clock: FakeClock, age: float, outcome: str) -> None:
    make_marisol(portal)
    token = recovery_token(portal)

    clock.advance(seconds=age)
    found = set_password(portal, token)

    assert ("void" if found == VOID else "set") == outcome


@pytest.mark.case("RT5")
def test_second_mail_voids_the_first(portal: Portal) -> None:
    make_marisol(portal)

    first, second = recovery_token(portal), recovery_token(portal)

    assert set_password(portal, first) == VOID
    assert isinstance(set_password(portal, second), PasswordSet)


@pytest.mark.case("RT6")
def test_change_of_the_password_voids_the_token(portal: Portal) -> None:
    make_marisol(portal)
    sign_in(portal)
    token = recovery_token(portal)

    portal.change_password(change(new="another password entirely"))

    assert set_password(portal, token) == VOID


@pytest.mark.case("RT6")
@pytest.mark.parametrize("column", ["password_changed_at", "disabled_at", "email_key"])
def test_whatever_else_changes_the_account_voids_the_token(
    portal: Portal, clock: FakeClock, column: str
) -> None:
    """Staff who reset a password or mend an address need not know of tokens."""
    account = make_marisol(portal)
    token = recovery_token(portal)
    clock.advance(minutes=1)

    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        setattr(row, column, "new@mailbox.example" if column == "email_key" else tx.now)

    assert set_password(portal, token) == VOID
    assert sign_in(portal, password=NEW_PASSWORD) == Refused(Reason.BAD_CREDENTIALS)


@pytest.mark.case("RT6")
@pytest.mark.parametrize("event", ["disabled", "spent"])
def test_token_overtaken_while_the_password_is_hashed_is_void(
    portal: Portal, hasher: CountingHasher, event: str
) -> None:
    make_marisol(portal)
    token = recovery_token(portal)

    def meanwhile() -> None:
        if event == "disabled":
            disable(portal)
        else:
            set_password(portal, token, "another password entirely")

    hasher.meanwhile = meanwhile

    assert set_password(portal, token) == VOID


def test_token_of_nobody_is_void(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    with portal.begin() as tx:
        tx.session.execute(update(TokenRow).values(account_id=None))

    assert set_password(portal, token) == VOID


@pytest.mark.case("RT14")
def test_success_ends_every_session_and_forgets_every_device(portal: Portal) -> None:
    make_marisol(portal)
    for conversation in ("telegram", "web", "page"):
        sign_in(portal, conversation=conversation, device=f"device of {conversation}")
    token = recovery_token(portal)

    set_password(portal, token)

    ended = [live(portal, each) for each in ("telegram", "web", "page")]
    assert ended == [Refused(Reason.SESSION_ENDED)] * 3
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalars(select(KnownDeviceRow)).all() == []


@pytest.mark.case("RT14")
def test_success_is_told_to_the_address_and_to_the_conversation_that_asked(portal: Portal) -> None:
    account = make_marisol(portal)
    token = recovery_token(portal, conversation="the chat", language="es")

    outcome = set_password(portal, token)

    with portal.begin(read_only=True) as tx:
        [notice] = mails(tx, "password_changed")
    assert isinstance(outcome, PasswordSet)
    assert outcome.asked_in == "the chat"
    assert (notice.address, notice.recipient, notice.token_id) == (EMAIL, account, None)


@pytest.mark.case("RT14", "A11")
def test_success_lifts_the_lock_and_forgets_the_failures(portal: Portal) -> None:
    make_marisol(portal)
    lock_out(portal)
    locked = sign_in(portal)
    token = recovery_token(portal)

    set_password(portal, token)

    assert isinstance(locked, Refused)
    assert locked.reason is Reason.LOCKED_WAIT
    with portal.begin(read_only=True) as tx:
        counter = tx.gate.counter(tx.gate.name_key("westborough", "mlopez"))
    assert counter is not None
    assert (counter.fails, counter.total, counter.locked_until) == (0, 0, None)
    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.case("RT14")
def test_success_lifts_the_lock_of_a_device_it_forgets(portal: Portal) -> None:
    make_marisol(portal)
    sign_in(portal, device="phone")
    lock_out(portal, device="phone")
    token = recovery_token(portal)

    set_password(portal, token)

    with portal.begin(read_only=True) as tx:
        fails = tx.session.scalars(select(GateRow.fails).where(GateRow.kind == "device")).all()
    assert fails == [0]


@pytest.mark.case("A17")
def test_password_disabled_by_the_cap_is_enabled_by_recovery(portal: Portal, clock: FakeClock) -> None:
    make_marisol(portal)
    for _ in range(CAP):
        sign_in(portal, password=WRONG)
        clock.advance(hours=2)
    capped = sign_in(portal)

    set_password(portal, recovery_token(portal))

    assert capped == Refused(Reason.PASSWORD_DISABLED)
    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("profile", ["powerschool", "aspen"])
def test_lock_that_only_the_school_lifts_outlives_a_recovery(portal: Portal, profile: str) -> None:
    make_marisol(portal, profile=profile)
    lock_out(portal, 5)
    token = recovery_token(portal)

    outcome = set_password(portal, token)

    assert isinstance(outcome, PasswordSet)
    assert (outcome.signed_in, outcome.is_locked) == (False, True)
    assert live(portal, "page") == Refused(Reason.NOT_SIGNED_IN)
    assert sign_in(portal, password=NEW_PASSWORD) == Refused(Reason.LOCKED_CONTACT_SCHOOL)


@pytest.mark.parametrize("profile", ["powerschool", "aspen"])
def test_failures_short_of_a_lock_are_forgotten_under_every_profile(portal: Portal, profile: str) -> None:
    make_marisol(portal, profile=profile)
    lock_out(portal, 4)

    set_password(portal, recovery_token(portal))
    lock_out(portal, 4)

    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R44")
@pytest.mark.parametrize(
    ("profile", "signed_in"), [("powerschool", True), ("aspen", False), ("recommended", False)]
)
def test_start_page_follows_where_the_portal_does_so(
    portal: Portal, profile: str, *, signed_in: bool
) -> None:
    account = make_marisol(portal, profile=profile)

    outcome = set_password(portal, recovery_token(portal))

    session = live(portal, "page")
    assert outcome == PasswordSet(account, "mlopez", signed_in, "asking")
    assert isinstance(session, LiveSession) is signed_in


@pytest.mark.case("P1", "P8")
@pytest.mark.requirement("R26", "R30", "R43")
def test_everything_wrong_with_the_password_is_told_and_the_token_stays_good(portal: Portal) -> None:
    make_marisol(portal)
    make_district(portal, password={"min_length": 12, "special": True})
    token = recovery_token(portal)

    several = set_password(portal, token, "short", again="shorter")
    listed = set_password(portal, token, "Westborough 2026!")
    corrected = set_password(portal, token, "nine quiet lanterns!")

    field = {"field": "new_password"}
    broken = (
        Violation("too_short", 12, **field),
        Violation("special", **field),
        Violation("verification_mismatch", **field),
    )
    assert several == refused(*broken)
    assert listed == refused(Violation("blocklisted", **field))
    assert isinstance(corrected, PasswordSet)


@pytest.mark.case("P6")
@pytest.mark.parametrize(
    "typed", ["zero\u200bwidth in the words", "tab\tin the words here", "a\0b in the words"]
)
def test_password_with_invisible_characters_is_refused_with_a_reason(portal: Portal, typed: str) -> None:
    make_marisol(portal)

    outcome = set_password(portal, recovery_token(portal), typed)

    assert outcome == refused(Violation("characters", field="new_password"))


@pytest.mark.case("P11")
@pytest.mark.requirement("R31")
def test_five_last_passwords_are_refused_and_the_sixth_last_is_not(portal: Portal, clock: FakeClock) -> None:
    make_marisol(portal)
    words = ["amber", "birch", "cedar", "daisy", "ember", "fern"]
    passwords = [f"nine quiet {word} lanterns" for word in words]
    for password in passwords:
        set_password(portal, recovery_token(portal), password)
        clock.advance(hours=1)
    token = recovery_token(portal)

    outcomes = [set_password(portal, token, each) for each in reversed(passwords)]

    used = refused(Violation("previously_used", field="new_password"))
    assert outcomes[:5] == [used] * 5
    assert isinstance(outcomes[5], PasswordSet)


@pytest.mark.case("P11")
def test_earlier_password_in_another_spelling_is_the_same(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, email=EMAIL, email_confirmed=True, password="nine stille W\u00e4lder sway")

    outcome = set_password(portal, recovery_token(portal), "nine stille Wa\u0308lder sway")

    assert outcome == refused(Violation("previously_used", field="new_password"))


@pytest.mark.case("P13")
@pytest.mark.parametrize("state", ["temporary", "expired"])
def test_recovery_ends_a_temporary_or_expired_password_which_may_not_be_kept(
    portal: Portal, state: str
) -> None:
    make_district(portal)
    make_parent(portal, email=EMAIL, email_confirmed=True, **{state: True})
    forced = sign_in(portal)
    token = recovery_token(portal)

    kept = set_password(portal, token, PASSWORD)
    set_password(portal, token)

    assert isinstance(forced, MustChangePassword)
    assert kept == refused(Violation("previously_used", field="new_password"))
    assert isinstance(sign_in(portal, password=NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R43")
@pytest.mark.parametrize("username", [" MLOPEZ ", "mlopez"])
def test_name_is_compared_as_people_mean_it(portal: Portal, username: str) -> None:
    make_marisol(portal)

    assert isinstance(set_password(portal, recovery_token(portal), username=username), PasswordSet)


@pytest.mark.requirement("R43")
def test_wrong_name_is_told_and_the_token_stays_good(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)

    wrong = set_password(portal, token, username="mlopes")
    empty = set_password(portal, token, username=" ")

    assert wrong == Refused(Reason.USERNAME_MISMATCH)
    assert empty == Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="username"),))
    assert isinstance(set_password(portal, token), PasswordSet)


@pytest.mark.case("RT12")
def test_token_looked_up_again_and_again_is_not_spent(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)

    for _ in range(3):
        set_password(portal, token, "short")

    assert isinstance(set_password(portal, token), PasswordSet)


@pytest.mark.parametrize("purpose", [TokenPurpose.UNDO_EMAIL, TokenPurpose.CONFIRM_EMAIL])
def test_token_of_another_deed_sets_no_password(portal: Portal, purpose: TokenPurpose) -> None:
    make_marisol(portal)
    recovery_token(portal)
    with portal.begin() as tx:
        tx.session.execute(update(TokenRow).values(purpose=purpose.value))

    assert set_password(portal, hand_over(portal, "recover_password")) == VOID


def test_token_of_another_district_sets_no_password(portal: Portal) -> None:
    make_marisol(portal)
    make_district(portal, "boston")

    assert set_password(portal, recovery_token(portal), district="boston") == VOID


def test_recovery_is_off_where_parents_have_no_accounts_of_their_own(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    make_district(portal, parent_single_sign_on=False)

    assert set_password(portal, token) == Refused(Reason.TURNED_OFF)


def test_source_of_too_many_forged_tokens_is_throttled(portal: Portal, hasher: CountingHasher) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    before = hasher.verified

    outcomes = [set_password(portal, "forged", source="desk") for _ in range(20)]
    full = set_password(portal, token, source="desk")

    assert outcomes == [VOID] * 20
    assert isinstance(full, Refused)
    assert full.reason is Reason.THROTTLED
    assert hasher.verified == before
    assert isinstance(set_password(portal, token), PasswordSet)


@pytest.mark.case("P5", "P7")
@pytest.mark.parametrize(
    "given",
    [
        {"new": "x" * 1025},
        {"new": "\u00e9" * 1000 + "\U0001f511" * 600},
        {"again": "x" * 1025},
        {"new": "\ud800 half a character"},
        {"username": "a\0b"},
        {"username": "\ud800"},
        {"conversation": "\0"},
        {"channel": "\0"},
        {"source": "\ud800"},
        {"request_id": "\0"},
        {"device": "\0"},
        {"district": "\0"},
        {"district": "nowhere"},
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_hashed(
    portal: Portal, hasher: CountingHasher, given: dict[str, str]
) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    before = hasher.hashed

    outcome = set_password(portal, token, **given)

    assert outcome == Refused(Reason.INVALID_REQUEST)
    assert hasher.hashed == before


def test_repeated_request_is_answered_as_the_first(portal: Portal) -> None:
    make_marisol(portal)
    token = recovery_token(portal)

    short = [set_password(portal, token, "short", request_id="one") for _ in range(2)]
    done = [set_password(portal, token, request_id="two") for _ in range(2)]
    void = [set_password(portal, token, request_id="three") for _ in range(2)]

    assert short[0] == short[1]
    assert done[0] == done[1] != VOID
    assert void == [VOID] * 2
    with portal.begin(read_only=True) as tx:
        assert len(mails(tx, "password_changed")) == 1


def test_full_hashing_queue_leaves_the_token_unspent(portal: Portal, hasher: CountingHasher) -> None:
    make_marisol(portal)
    token = recovery_token(portal)
    pool = HashingPool(places=1)
    busy = Portal(portal.engine, clock=portal.clock, keys=portal.keys, hasher=hasher, hashing=pool)

    with pool.place():
        refused_ = set_password(busy, token)
    busy.close()

    assert refused_ == Refused(Reason.BUSY)
    assert isinstance(set_password(portal, token), PasswordSet)
