"""Passwords are stored as Argon2id with the parameters of the security rules."""

import re
import threading

import pytest
from argon2 import PasswordHasher

from portal.accounts.passwords import Argon2Hasher, HashingPool, normalised
from portal.core.secret import Secret

PASSWORD = Secret("three green kettles hum")


@pytest.mark.case("P16")
def test_new_hash_has_the_parameters_and_its_own_salt() -> None:
    hasher = Argon2Hasher()

    first, second = hasher.hash(PASSWORD), hasher.hash(PASSWORD)

    form = re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$([\w+/]{22})\$([\w+/]{43})", first)
    assert form is not None
    assert first != second
    assert hasher.verify(first, PASSWORD)
    assert not hasher.verify(first, Secret("three green kettles hums"))
    assert not hasher.needs_rehash(first)


@pytest.mark.case("P17")
def test_hash_with_other_parameters_is_right_and_needs_renewal() -> None:
    stored = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD.value)
    hasher = Argon2Hasher()

    assert hasher.verify(stored, PASSWORD)
    assert hasher.needs_rehash(stored)


@pytest.mark.case("E2")
def test_nothing_stored_is_verified_against_a_hash_of_the_same_cost() -> None:
    hasher = Argon2Hasher()
    seen: list[str] = []
    inner = hasher._hasher

    class Watching:
        def verify(self, stored: str, value: str) -> bool:
            seen.append(stored)
            return inner.verify(stored, value)

    hasher._hasher = Watching()  # type: ignore[assignment]  # only verify is used here

    assert not hasher.verify(None, PASSWORD)
    assert [stored.rsplit("$", 2)[0] for stored in seen] == ["$argon2id$v=19$m=19456,t=2,p=1"]


@pytest.mark.parametrize(
    "stored",
    [
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=19$m=19456,t=900,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "$argon2id$v=19$m=19456,t=2,p=99$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        "no hash at all",
    ],
)
def test_stored_form_past_the_bounds_is_never_run(stored: str) -> None:
    assert not Argon2Hasher().verify(stored, PASSWORD)


@pytest.mark.case("P6")
@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Pa\u0308ss", "P\u00e4ss"),
        ("a\u3000b\u00a0c", "a b c"),
        ("\ufb01sh", "\ufb01sh"),
        ("  two spaces  ", "  two spaces  "),
        ("zero\u200bwidth", None),
        ("tab\t", None),
        ("null\0", None),
        ("left\u200emark", None),
        ("", None),
        ("\ud800", None),
        ("a" * 1025, None),
    ],
)
def test_password_is_normalised_or_refused(typed: str, compared: str | None) -> None:
    assert normalised(Secret(typed)) == (None if compared is None else Secret(compared))


def test_pool_refuses_the_caller_past_its_places() -> None:
    pool = HashingPool(workers=1, places=2)

    with pool.place() as first, pool.place() as second, pool.place() as third:
        assert (first, second, third) == (True, True, False)
    with pool.place() as again:
        assert again
    pool.close()


def test_pool_runs_no_more_than_its_workers_at_once() -> None:
    pool = HashingPool(workers=2, places=8)
    running, most, lock = 0, 0, threading.Lock()
    enough = threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        enough.wait(0.05)
        with lock:
            running -= 1

    threads = [threading.Thread(target=pool.run, args=(work,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()

    assert most == 2
