"""A ticket is spent on what it permits, once, and its outcome waits in the conversation."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import event, update

from portal.accounts.models import AccountRow
from portal.accounts.passwords import HashingPool
from portal.core.clock import Clock
from portal.core.database import open_engine
from portal.core.errors import UnavailableError
from portal.core.keys import Keys
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.dialogue.outcomes import Arrival, Purpose, Redeemed, SecretSubmission
from portal.migrations import migrate
from portal.transaction import Portal
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent, sign_in

WRONG = "some quite wrong words"


def start(portal: Portal) -> str:
    make_district(portal)
    arrival = Arrival("console", "somebody", "1", {"text": "sign in"}, {})
    with portal.begin() as tx:
        return tx.dialogue.receive(arrival).conversation_id


def ticket(portal: Portal, conversation: str, purpose: Purpose) -> str:
    context = {"district": "westborough", "username": "mlopez"}
    with portal.begin() as tx:
        return tx.dialogue.open_ticket(conversation, purpose, context, ["password"]).token


def submission(token: str, conversation: str, **values: str) -> SecretSubmission:
    typed = {name: Secret(value) for name, value in values.items()}
    return SecretSubmission(token, conversation, typed, "source", "console")


def outcome_of(portal: Portal, redeemed: Redeemed | Refused, conversation: str) -> object:
    assert isinstance(redeemed, Redeemed)
    with portal.begin(read_only=True) as tx:
        settled = tx.dialogue.settled(redeemed.ticket_id, conversation)
    assert settled is not None
    return settled.outcome


def test_ticket_signs_in_and_leaves_its_outcome(portal: Portal) -> None:
    conversation = start(portal)
    make_parent(portal)
    token = ticket(portal, conversation, Purpose.SIGN_IN)

    redeemed = portal.redeem(submission(token, conversation, password=PASSWORD))

    told = {"outcome": "signed_in", "name": "Marisol Quintero", "offers_restore": False}
    assert outcome_of(portal, redeemed, conversation) == told


def test_wrong_password_is_told_as_a_reason(portal: Portal) -> None:
    conversation = start(portal)
    token = ticket(portal, conversation, Purpose.SIGN_IN)

    redeemed = portal.redeem(submission(token, conversation, password=WRONG))

    assert outcome_of(portal, redeemed, conversation) == {
        "outcome": "refused",
        "reason": "bad_credentials",
        "retry_at": None,
        "choices": [],
        "violations": [],
    }


@pytest.mark.requirement("R16", "R19")
def test_temporary_password_is_told_and_changed_through_another_ticket(portal: Portal) -> None:
    conversation = start(portal)
    make_parent(portal, temporary=True)
    first = portal.redeem(
        submission(ticket(portal, conversation, Purpose.SIGN_IN), conversation, password=PASSWORD)
    )
    values = {
        "current_password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }

    second = portal.redeem(
        submission(ticket(portal, conversation, Purpose.CHANGE_PASSWORD), conversation, **values)
    )

    forced = {"outcome": "must_change_password", "cause": "temporary"}
    assert outcome_of(portal, first, conversation) == forced
    changed = {"outcome": "password_changed", "signed_in": True}
    assert outcome_of(portal, second, conversation) == changed


def test_violations_are_told_by_key_and_number(portal: Portal) -> None:
    conversation = start(portal)
    make_parent(portal)
    sign_in(portal, conversation=conversation)
    token = ticket(portal, conversation, Purpose.CHANGE_PASSWORD)
    values = {"current_password": PASSWORD, "new_password": "short", "new_password_again": "short"}

    redeemed = portal.redeem(submission(token, conversation, **values))

    assert outcome_of(portal, redeemed, conversation) == {
        "outcome": "refused",
        "reason": "password_refused",
        "retry_at": None,
        "choices": [],
        "violations": [{"key": "too_short", "number": 15, "field": "", "row": None}],
    }


def test_ticket_is_good_once_and_in_its_conversation_only(portal: Portal, hasher: CountingHasher) -> None:
    conversation = start(portal)
    token = ticket(portal, conversation, Purpose.SIGN_IN)
    before = hasher.verified

    outcomes = [
        portal.redeem(submission("forged", conversation, password=WRONG)),
        portal.redeem(submission(token, "another", password=WRONG)),
        portal.redeem(submission(token, conversation, password=WRONG)),
        portal.redeem(submission(token, conversation, password=WRONG)),
    ]

    void = Refused(Reason.TICKET_VOID)
    assert [outcomes[0], outcomes[1], outcomes[3]] == [void] * 3
    assert isinstance(outcomes[2], Redeemed)
    assert hasher.verified - before == 1


def test_full_hashing_queue_leaves_the_ticket_unspent(portal: Portal, hasher: CountingHasher) -> None:
    conversation = start(portal)
    token = ticket(portal, conversation, Purpose.SIGN_IN)
    pool = HashingPool(places=1)
    busy = Portal(portal.engine, clock=portal.clock, keys=portal.keys, hasher=hasher, hashing=pool)

    with pool.place():
        refused = busy.redeem(submission(token, conversation, password=WRONG))
    busy.close()

    assert refused == Refused(Reason.BUSY)
    assert isinstance(portal.redeem(submission(token, conversation, password=WRONG)), Redeemed)


def test_killed_ticket_is_spent_and_its_attempt_counted(portal: Portal, hasher: CountingHasher) -> None:
    conversation = start(portal)
    make_parent(portal)
    token = ticket(portal, conversation, Purpose.SIGN_IN)
    hasher.fails_next = True
    with pytest.raises(MemoryError):
        portal.redeem(submission(token, conversation, password=PASSWORD))

    again = portal.redeem(submission(token, conversation, password=PASSWORD))
    with portal.begin(read_only=True) as tx:
        counter = tx.gate.counter(tx.gate.name_key("westborough", "mlopez"))

    assert again == Refused(Reason.TICKET_VOID)
    assert counter is not None
    assert counter.fails == 1


def test_exception_rolls_everything_back(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)

    def fail() -> None:
        with portal.begin() as tx:
            tx.session.execute(update(AccountRow).values(display_name="Changed"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with portal.begin(read_only=True) as tx:
        found = tx.accounts.find("westborough", "mlopez")
    assert found is not None
    assert found.display_name == "Marisol Quintero"


@pytest.fixture
def file_portal(tmp_path: Path, clock: Clock, keys: Keys, hasher: CountingHasher) -> Iterator[Portal]:
    """Stand on SQLite, whatever the other tests stand on: only there one writer locks out all others."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hallpass.db'}")
    event.listen(engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout=50"))
    migrate(engine)
    portal = Portal(engine, clock=clock, keys=keys, hasher=hasher)
    yield portal
    portal.close()
    engine.dispose()


@pytest.fixture
def stranger(file_portal: Portal, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Reach the same file as another process would."""
    connection = sqlite3.connect(tmp_path / "hallpass.db", isolation_level=None)
    yield connection
    connection.close()


def test_locked_database_is_unavailable_to_writers_and_open_to_readers(
    file_portal: Portal, stranger: sqlite3.Connection
) -> None:
    make_district(file_portal)
    stranger.execute("begin immediate")

    with pytest.raises(UnavailableError, match="try again"), file_portal.begin() as tx:
        tx.districts.get("westborough")
    with file_portal.begin(read_only=True) as tx:
        found = tx.districts.get("westborough")

    assert found is not None


def test_ticket_handed_in_while_the_database_is_locked_stays_unspent(
    file_portal: Portal, hasher: CountingHasher, stranger: sqlite3.Connection
) -> None:
    conversation = start(file_portal)
    make_parent(file_portal)
    token = ticket(file_portal, conversation, Purpose.SIGN_IN)
    handed = submission(token, conversation, password=PASSWORD)

    stranger.execute("begin immediate")
    busy = file_portal.redeem(handed)
    stranger.execute("rollback")
    redeemed = file_portal.redeem(handed)

    assert busy == Refused(Reason.BUSY)
    outcome = outcome_of(file_portal, redeemed, conversation)
    assert outcome == {"outcome": "signed_in", "name": "Marisol Quintero", "offers_restore": False}
    assert hasher.verified == 1


def test_writer_does_not_wait_for_ever_behind_another(
    file_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.core.database.LONGEST_QUEUE", 0.05)
    begun, done = Event(), Event()

    def write() -> None:
        with file_portal.begin():
            begun.set()
            done.wait(10)

    writer = Thread(target=write)
    writer.start()
    begun.wait(10)

    with pytest.raises(UnavailableError), file_portal.begin():
        pass

    done.set()
    writer.join()


def test_database_that_is_away_is_unavailable_without_naming_it(
    clock: Clock, keys: Keys, hasher: CountingHasher
) -> None:
    engine = open_engine("postgresql://family:CANARY-7f@127.0.0.1:1/none")
    portal = Portal(engine, clock=clock, keys=keys, hasher=hasher)

    with pytest.raises(UnavailableError) as caught, portal.begin(read_only=True) as tx:
        tx.districts.all()

    assert "CANARY" not in str(caught.value)
    assert "family" not in str(caught.value)
    assert caught.value.__cause__ is None
    portal.close()


def test_starting_beside_a_writer_finds_the_tables_without_waiting(
    file_portal: Portal, stranger: sqlite3.Connection
) -> None:
    stranger.execute("begin immediate")

    migrate(file_portal.engine)

    assert stranger.in_transaction
