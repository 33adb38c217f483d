"""Signing in: who gets in, what is counted, and what everybody else is told."""

from datetime import timedelta

import pytest
from argon2.exceptions import HashingError
from sqlalchemy import Engine, select, text, update

from portal.accounts.models import AccountRow, GateRow, SessionRow
from portal.accounts.outcomes import Cause, MustChangePassword, SignedIn, SignIn, Unlocked
from portal.accounts.passwords import HashingPool
from portal.core.keys import Keys
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district, make_parent, sign_in

WAIT = {"mode": "wait", "fails": 5}
UNTIL_STAFF = {"mode": "until_staff", "fails": 5}
WRONG = "some quite wrong words"
BAD = Refused(Reason.BAD_CREDENTIALS)


def fail(portal: Portal, times: int, username: str = "mlopez", **request: str) -> list[object]:
    return [sign_in(portal, username, WRONG, **request) for _ in range(times)]


def counter(portal: Portal, username: str = "mlopez") -> tuple[int, int]:
    with portal.begin() as tx:
        found = tx.gate.counter(tx.gate.name_key("westborough", username))
    return (found.fails, found.total) if found else (0, 0)


def change_account(portal: Portal, **values: object) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(**values))


def audited(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number)))


@pytest.mark.requirement("R1", "R12")
def test_right_password_signs_in(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal)

    outcome = sign_in(portal)

    assert outcome == SignedIn(account, "Marisol Quintero", None)
    assert audited(portal)[-1] == "signin.succeeded"


@pytest.mark.requirement("R75", "R90")
def test_second_sign_in_tells_when_the_first_was(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)
    clock.advance(hours=30)

    outcome = sign_in(portal)

    assert isinstance(outcome, SignedIn)
    assert outcome.last_sign_in == START


@pytest.mark.case("A6")
def test_failures_lock_a_name_from_every_source(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    for username in ("mlopez", "jrivera", "akim", "bpatel", "cwong", "dnovak"):
        make_parent(portal, username=username)

    same_source = fail(portal, 5, source="one")
    other_source = sign_in(portal, source="two")
    other_name = sign_in(portal, "jrivera", source="one")

    assert same_source == [BAD] * 5
    assert other_source == Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))
    assert isinstance(other_name, SignedIn)


@pytest.mark.case("A6")
def test_source_is_blocked_after_twenty_failures_across_names(
    portal: Portal, hasher: CountingHasher, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)

    answers = [sign_in(portal, f"nobody{number}", WRONG, source="one") for number in range(20)]
    before = hasher.verified
    blocked = [sign_in(portal, source="one"), sign_in(portal, "nobody at all", source="one")]
    clock.advance(minutes=15)

    assert answers == [BAD] * 20
    assert blocked == [Refused(Reason.THROTTLED, retry_at=START + timedelta(minutes=15))] * 2
    assert hasher.verified == before
    assert isinstance(sign_in(portal, source="one"), SignedIn)


@pytest.mark.case("A7")
def test_variants_of_a_name_share_one_counter(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal, username="alice")

    # The third is written in full-width letters.
    variants = ["alice", "ALICE", "\uff41\uff4c\uff49\uff43\uff45", " alice "]
    answers = [fail(portal, 2, name) for name in variants]

    assert [each for pair in answers for each in pair].count(BAD) == 5
    assert isinstance(sign_in(portal, "Alice"), Refused)


@pytest.mark.case("A9")
def test_failures_count_together_across_channels(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)

    channels = ["telegram", "telegram", "webchat", "web", "console"]
    answers = [sign_in(portal, password=WRONG, channel=channel) for channel in channels]

    assert answers == [BAD] * 5
    assert {type(sign_in(portal, channel=channel)) for channel in channels} == {Refused}


@pytest.mark.case("A13")
@pytest.mark.parametrize(("seconds", "signs_in"), [(899.999, False), (900, True)])
def test_lock_ends_to_the_instant(
    portal: Portal, clock: FakeClock, seconds: float, *, signs_in: bool
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    fail(portal, 5)
    clock.advance(seconds=seconds)

    outcome = sign_in(portal)

    assert isinstance(outcome, SignedIn) is signs_in


@pytest.mark.case("A14")
def test_failures_while_locked_neither_hash_nor_extend(
    portal: Portal, hasher: CountingHasher, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    fail(portal, 5)
    before = hasher.verified
    clock.advance(minutes=14)

    answers = fail(portal, 100)

    assert answers == [Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))] * 100
    assert hasher.verified == before
    assert counter(portal) == (5, 5)


@pytest.mark.case("A15")
def test_success_clears_the_counter(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)

    before = fail(portal, 4)
    success = sign_in(portal)
    cleared = counter(portal)
    after = fail(portal, 4)

    assert before + after == [BAD] * 8
    assert isinstance(success, SignedIn)
    assert cleared == (0, 0)


@pytest.mark.case("A16")
def test_locks_grow_longer_until_twelve_clean_hours(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    waits = []

    for pause in (0, 0, 0, 12):
        fail(portal, 5)
        locked = sign_in(portal)
        assert isinstance(locked, Refused)
        assert locked.retry_at is not None
        waits.append((locked.retry_at - clock.now()) // timedelta(minutes=1))
        clock.advance(seconds=(locked.retry_at - clock.now()).total_seconds(), hours=pause)
    fail(portal, 5)
    again = sign_in(portal)

    assert waits == [15, 30, 60, 60]
    assert again == Refused(Reason.LOCKED_WAIT, retry_at=clock.now() + timedelta(minutes=15))


@pytest.mark.case("A17")
def test_hundred_failures_disable_the_password(
    portal: Portal, hasher: CountingHasher, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    before = hasher.verified

    for _ in range(30):
        fail(portal, 5)
        clock.advance(hours=2)
    refused = sign_in(portal)
    guesses = hasher.verified - before
    with portal.begin() as tx:
        tx.accounts.unlock("westborough", "mlopez", "called us", "desk")

    assert guesses == 100
    assert refused == Refused(Reason.PASSWORD_DISABLED)
    assert isinstance(sign_in(portal), SignedIn)


@pytest.mark.case("A20")
def test_own_success_gives_a_source_nothing_but_its_own_attempt_back(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)

    on_others = [sign_in(portal, f"nobody{number}", WRONG, source="one") for number in range(19)]
    own = sign_in(portal, source="one")
    more = [sign_in(portal, f"no{number}", WRONG, source="one") for number in range(5)]

    assert on_others == [BAD] * 19
    assert isinstance(own, SignedIn)
    assert [each == BAD for each in more] == [True, False, False, False, False]


@pytest.mark.requirement("R15")
def test_failures_under_until_staff_never_age(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, profile="powerschool")
    make_parent(portal)

    for _ in range(5):
        fail(portal, 1)
        clock.advance(days=20)
    locked = sign_in(portal)
    clock.advance(days=2000)

    assert locked == Refused(Reason.LOCKED_CONTACT_SCHOOL)
    assert sign_in(portal) == locked


def test_failures_under_wait_age(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)

    fail(portal, 4)
    clock.advance(minutes=15)
    answers = fail(portal, 5)

    assert answers == [BAD] * 5


def test_name_locked_until_staff_stays_so_when_the_district_changes_its_mind(portal: Portal) -> None:
    make_district(portal, lock=UNTIL_STAFF)
    make_parent(portal)
    fail(portal, 5)
    make_district(portal, lock=WAIT)

    outcome = sign_in(portal)

    assert outcome == Refused(Reason.LOCKED_CONTACT_SCHOOL)


def test_attempts_that_a_killed_process_never_settled_count(
    portal: Portal, clock: FakeClock, hasher: CountingHasher
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    fail(portal, 4)
    hasher.fails_next = True
    with pytest.raises(MemoryError):
        sign_in(portal)

    refused = sign_in(portal)
    clock.advance(minutes=15)

    assert refused == Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))
    assert isinstance(sign_in(portal), SignedIn)


@pytest.fixture(params=["unknown", "wrong", "disabled", "temporary", "expired"])
def entrance(request: pytest.FixtureRequest, portal: Portal) -> str:
    """Name an account in each state that must not show to whoever does not know the password."""
    make_district(portal, lock=WAIT)
    if request.param != "unknown":
        state = {request.param: True} if request.param in {"temporary", "expired"} else {}
        make_parent(portal, **state)
    if request.param == "disabled":
        change_account(portal, disabled_at=START)
    return str(request.param)


@pytest.mark.case("E1", "E2")
def test_wrong_password_gets_the_same_answer_for_the_same_work(
    portal: Portal, hasher: CountingHasher, entrance: str
) -> None:
    before = hasher.verified

    answers = fail(portal, 5)
    work = hasher.verified - before
    locked = fail(portal, 1)

    assert answers == [BAD] * 5
    assert work == 5
    assert locked == [Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))]
    assert hasher.verified - before == 5


@pytest.mark.case("E1")
def test_disabled_account_with_the_right_password_looks_like_a_wrong_one(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    change_account(portal, disabled_at=START)

    outcome = sign_in(portal)

    assert outcome == BAD
    assert counter(portal) == (1, 1)


@pytest.mark.case("E5")
def test_name_nobody_has_locks_reaches_the_cap_and_is_purged_like_any_other(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    stages = []

    for username in ("mlopez", "nobody"):
        clock_start = clock.now()
        given: list[object] = []
        for _ in range(25):
            given += [each.reason for each in fail(portal, 5, username) if isinstance(each, Refused)]
            clock.advance(hours=2)
        clock.advance(days=400)
        portal.purge()
        given.append(counter(portal, username))
        stages.append(given)
        clock.advance(seconds=-(clock.now() - clock_start).total_seconds())

    assert stages[0] == stages[1]
    assert stages[0][-1] == (5, 100)


@pytest.mark.case("E5")
@pytest.mark.parametrize("username", ["mlopez", "nobody"])
def test_old_counters_are_purged_whoever_has_the_name(
    portal: Portal, clock: FakeClock, username: str
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    fail(portal, 3, username)
    clock.advance(days=364)
    portal.purge()
    kept = counter(portal, username)
    clock.advance(days=1)

    portal.purge()

    assert kept == (3, 3)
    assert counter(portal, username) == (0, 0)


@pytest.mark.case("P6")
def test_password_matches_however_its_accents_are_composed(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, password="P\u00e4ssw\u00f6rter am Fenster")

    outcome = sign_in(portal, password="Pa\u0308sswo\u0308rter\u00a0am\u3000Fenster")

    assert isinstance(outcome, SignedIn)


@pytest.mark.case("P6")
def test_ligature_is_another_password(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, password="\ufb01shermen at the lake")

    outcome = sign_in(portal, password="fishermen at the lake")

    assert outcome == BAD


@pytest.mark.case("P7")
@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
@pytest.mark.parametrize(
    "field", ["district", "username", "password", "source", "conversation", "channel", "request_id"]
)
def test_text_that_cannot_be_stored_is_refused(portal: Portal, field: str, bad: str) -> None:
    make_district(portal)
    make_parent(portal)

    outcome = sign_in(portal, **{field: bad})

    assert outcome == Refused(Reason.INVALID_REQUEST)
    assert counter(portal) == (0, 0)


@pytest.mark.case("P5")
@pytest.mark.parametrize("password", ["a" * 1025, "\U0001f600" * 1024 + "a", ""])
def test_password_past_every_limit_is_refused_before_any_work(
    portal: Portal, hasher: CountingHasher, password: str
) -> None:
    make_district(portal)

    outcome = sign_in(portal, password=password)

    assert outcome == Refused(Reason.INVALID_REQUEST)
    assert hasher.verified == 0


@pytest.mark.case("X1")
@pytest.mark.parametrize("typed", ["' OR 1=1--", "%", "_", "\\", "mlopez'--", "m%"])
def test_injected_sql_is_an_unknown_name(portal: Portal, typed: str) -> None:
    make_district(portal)
    make_parent(portal)

    outcome = sign_in(portal, typed)

    assert outcome == BAD


def test_name_no_account_can_have_locks_like_any_other(portal: Portal) -> None:
    make_district(portal, lock=WAIT)

    answers = fail(portal, 6, "o'brien \U0001f600")

    assert answers[4:] == [BAD, Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))]


def test_unknown_district_is_an_invalid_request(portal: Portal) -> None:
    outcome = sign_in(portal, district="nowhere")

    assert outcome == Refused(Reason.INVALID_REQUEST)


@pytest.mark.requirement("R13")
@pytest.mark.case("P13")
def test_temporary_password_opens_the_change_of_it_once(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, temporary=True)

    first = sign_in(portal)
    with portal.begin() as tx:
        session = tx.sessions.current("conversation")
    second = sign_in(portal)

    assert first == MustChangePassword(account, Cause.TEMPORARY)
    assert session == Refused(Reason.MUST_CHANGE_PASSWORD)
    assert second == BAD


@pytest.mark.case("P13")
def test_temporary_password_is_over_after_three_days(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal, temporary=True)
    clock.advance(hours=72)

    outcome = sign_in(portal)

    assert outcome == BAD


@pytest.mark.requirement("R14")
@pytest.mark.parametrize(("days", "must_change"), [(89, False), (90, True)])
def test_password_expires_after_the_districts_days(
    portal: Portal, clock: FakeClock, days: int, *, must_change: bool
) -> None:
    make_district(portal, password={"expires_days": 90})
    account = make_parent(portal)
    clock.advance(days=days)

    outcome = sign_in(portal)

    assert (outcome == MustChangePassword(account, Cause.EXPIRED)) is must_change


@pytest.mark.requirement("R14")
def test_password_expired_by_staff_must_be_changed(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, expired=True)

    outcome = sign_in(portal)

    assert outcome == MustChangePassword(account, Cause.EXPIRED)


def stored(portal: Portal) -> AccountRow:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(AccountRow)).one()


@pytest.mark.case("P17")
def test_old_hash_is_renewed_by_a_right_password_only(
    portal: Portal, hasher: CountingHasher, clock: FakeClock
) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, conversation="phone")
    hasher.version = "2"
    clock.advance(minutes=1)

    sign_in(portal, password=WRONG)
    after_wrong = stored(portal)
    sign_in(portal)
    after_right = stored(portal)
    with portal.begin() as tx:
        other = tx.sessions.current("phone")

    assert after_wrong.password_hash.startswith("1:")
    assert after_right.password_hash.startswith("2:")
    assert after_right.password_changed_at == START
    assert not isinstance(other, Refused)


class FailingHasher(CountingHasher):
    """Verify, and fail to hash, as when memory runs out."""

    def hash(self, secret: Secret) -> str:
        if self.version == "2":
            raise HashingError
        return super().hash(secret)


@pytest.mark.case("P17")
def test_failing_to_renew_a_hash_still_signs_in(engine: Engine, clock: FakeClock, keys: Keys) -> None:
    hasher = FailingHasher()
    portal = Portal(engine, clock=clock, keys=keys, hasher=hasher)
    make_district(portal)
    make_parent(portal)
    hasher.version = "2"

    outcome = sign_in(portal)
    portal.close()

    assert isinstance(outcome, SignedIn)
    assert audited(portal)[-2:] == ["signin.succeeded", "password.rehash_failed"]


def test_repeated_request_returns_the_first_outcome(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)

    wrong = [sign_in(portal, password=WRONG, request_id="one") for _ in range(3)]
    right = [sign_in(portal, request_id="two") for _ in range(3)]
    fail(portal, 5)
    locked = [sign_in(portal, request_id="three") for _ in range(2)]

    assert wrong == [BAD] * 3
    assert right[0] == right[1] == right[2]
    assert isinstance(right[0], SignedIn)
    assert locked == [Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))] * 2
    assert hasher.verified == 7


def test_repeats_of_every_outcome_are_equal_to_the_first(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal, username="temp", temporary=True)
    make_parent(portal)
    sign_in(portal)
    clock.advance(hours=1)

    first = [sign_in(portal, "temp", request_id="one"), sign_in(portal, request_id="two")]
    repeats = [sign_in(portal, "temp", request_id="one"), sign_in(portal, request_id="two")]

    assert first == repeats
    assert isinstance(first[1], SignedIn)
    assert first[1].last_sign_in == START


def test_request_of_another_conversation_is_a_new_one(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, request_id="one")

    outcome = sign_in(portal, password=WRONG, request_id="one", conversation="another")

    assert outcome == BAD


def test_killed_request_is_not_replayed(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal)
    make_parent(portal)
    hasher.fails_next = True
    with pytest.raises(MemoryError):
        sign_in(portal, request_id="one")

    outcome = sign_in(portal, request_id="one")

    assert outcome == Refused(Reason.TICKET_VOID)
    assert counter(portal) == (1, 1)


def test_old_requests_are_forgotten(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, password=WRONG, request_id="one")
    clock.advance(days=7)

    portal.purge()

    assert isinstance(sign_in(portal, request_id="one"), SignedIn)


def test_full_hashing_queue_is_busy_and_counts_nothing(
    engine: Engine, clock: FakeClock, keys: Keys, hasher: CountingHasher
) -> None:
    pool = HashingPool(places=1)
    portal = Portal(engine, clock=clock, keys=keys, hasher=hasher, hashing=pool)
    make_district(portal)
    make_parent(portal)

    with pool.place():
        busy = fail(portal, 3)
    outcome = sign_in(portal)
    portal.close()

    assert busy == [Refused(Reason.BUSY)] * 3
    assert isinstance(outcome, SignedIn)
    assert counter(portal) == (0, 0)


def test_password_changed_while_it_was_verified_no_longer_signs_in(
    portal: Portal, hasher: CountingHasher
) -> None:
    make_district(portal)
    make_parent(portal)
    hasher.meanwhile = lambda: change_account(portal, password_hash="1:something else")

    outcome = sign_in(portal)

    assert outcome == BAD


@pytest.mark.case("G2")
def test_database_error_tells_no_secret_and_no_name(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    request = SignIn("westborough", "mlopez", Secret("CANARY-password"), "source", "c", "console", "request")
    with portal.begin() as tx:
        tx.session.execute(text("drop table gate"))

    with pytest.raises(Exception, match="gate") as caught:
        portal.sign_in(request)

    told = repr(caught.value) + str(caught.value) + repr(request)
    assert "CANARY" not in told
    assert "password=Secret(***)" in told


def test_no_table_holds_a_typed_name_or_password(portal: Portal) -> None:
    make_district(portal)
    sign_in(portal, "CANARY-name", "CANARY-password")

    with portal.begin(read_only=True) as tx:
        rows = [*tx.session.scalars(select(GateRow)), *tx.session.scalars(select(AuditRow))]
        dump = repr([vars(row) for row in rows]).lower()

    assert "canary" not in dump


@pytest.mark.requirement("R15")
def test_staff_unlock_a_locked_parent(portal: Portal) -> None:
    make_district(portal, lock=UNTIL_STAFF)
    account = make_parent(portal)
    fail(portal, 6)

    with portal.begin() as tx:
        unlocked = tx.accounts.unlock("westborough", " MLopez ", "called us", "desk")

    assert unlocked == Unlocked(" MLopez ", account, was_locked=True)
    assert isinstance(sign_in(portal), SignedIn)


def test_one_conversation_has_one_live_session(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    other = make_parent(portal, username="jrivera")

    sign_in(portal)
    sign_in(portal, "jrivera")

    with portal.begin() as tx:
        live = tx.session.scalars(select(SessionRow.account_id).where(SessionRow.ended_at.is_(None)))
        assert list(live) == [other]
