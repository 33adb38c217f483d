"""Guesses made at once cannot outrun the limit, in one process or in two."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import pytest

from portal.accounts.outcomes import SignedIn
from portal.core import database
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.core.outcomes import Refused
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.patience import PATIENCE
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in

LOCK = {"mode": "wait", "fails": 5}


def answers(portal: Portal, passwords: Sequence[str], meet: Callable[[], object]) -> Counter[str]:
    """Type all passwords at once, one a thread, and count the answers."""
    given: list[str] = []

    def guess(number: int, password: str) -> None:
        meet()
        outcome = sign_in(portal, password=password, conversation=f"conversation {number}")
        given.append(outcome.reason.value if isinstance(outcome, Refused) else type(outcome).__name__)

    threads = [threading.Thread(target=guess, args=each) for each in enumerate(passwords)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(given)


def forget_attempts(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.accounts.unlock("westborough", "mlopez", "next round", "test")


@pytest.mark.case("A1")
@pytest.mark.requirement("R15")
def test_fifty_wrong_passwords_at_once_answers_five(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal, lock=LOCK)
    make_parent(portal)
    counted = []

    for _ in range(20):
        before = hasher.verified
        given = answers(portal, ["wrong password here"] * 50, threading.Barrier(50).wait)
        with portal.begin() as tx:
            counter = tx.gate.counter(tx.gate.name_key("westborough", "mlopez"))
        counted.append((hasher.verified - before, given, counter.fails if counter else None))
        forget_attempts(portal)

    assert counted == [(5, Counter(bad_credentials=5, locked_wait=45), 5)] * 20


def guess_elsewhere(url: str, barrier: Barrier, results: "Queue[tuple[int, Counter[str]]]") -> None:
    """Guess in another process, against the same database."""
    database.LONGEST_QUEUE = PATIENCE
    engine, hasher = open_engine(url), CountingHasher()
    keys = Keys(b"a secret of at least thirty-two bytes, for tests only")
    portal = Portal(engine, clock=FakeClock(), keys=keys, hasher=hasher)
    given = answers(portal, ["wrong password here"] * 25, barrier.wait)
    results.put((hasher.verified, given))
    portal.close()
    engine.dispose()


@pytest.mark.case("A2")
def test_guesses_from_two_processes_share_one_limit(portal: Portal, database_url: str) -> None:
    make_district(portal, lock=LOCK)
    make_parent(portal)
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(50), spawn.Queue()
    arguments = (database_url, barrier, results)

    processes = [spawn.Process(target=guess_elsewhere, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    found = [results.get(timeout=PATIENCE) for _ in processes]
    for process in processes:
        process.join()
    results.close()

    assert sum(hashed for hashed, _ in found) == 5
    assert sum((given for _, given in found), Counter()) == Counter(bad_credentials=5, locked_wait=45)


@pytest.mark.case("A3")
def test_right_password_in_a_burst_gives_no_more_than_ten_guesses(
    portal: Portal, hasher: CountingHasher
) -> None:
    make_district(portal, lock=LOCK)
    make_parent(portal)
    rounds = []

    for place in range(60):
        passwords = ["wrong password here"] * 50
        passwords[place % 50] = PASSWORD
        before = hasher.verified
        given = answers(portal, passwords, threading.Barrier(50).wait)
        rounds.append((bool(given["SignedIn"]), hasher.verified - before))
        forget_attempts(portal)

    assert {hashed for signed_in, hashed in rounds if not signed_in} <= {5}
    assert all(hashed <= 10 for signed_in, hashed in rounds if signed_in)


@pytest.mark.case("A4")
def test_four_right_sign_ins_at_once_all_succeed(portal: Portal) -> None:
    make_district(portal, lock=LOCK)
    make_parent(portal)

    given = answers(portal, [PASSWORD] * 4, threading.Barrier(4).wait)

    assert given == Counter({SignedIn.__name__: 4})
