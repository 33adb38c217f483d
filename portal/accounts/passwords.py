"""Hash passwords the expensive way, a bounded number at a time."""

import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Protocol, TypeVar

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from precis_i18n import get_profile

from portal.core.cores import allowed, run_on
from portal.core.secret import Secret

MOST_CHARACTERS = 1024
MOST_BYTES = 4096
Result = TypeVar("Result")
_PRECIS = get_profile("OpaqueString")


class Hasher(Protocol):
    """Turn passwords into what may be stored."""

    def hash(self, secret: Secret) -> str:
        """Return the stored form of a normalised password."""

    def verify(self, stored: str | None, secret: Secret) -> bool:
        """Tell whether the password is the stored one; None costs the same and is never right."""

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether the stored form was made with other parameters than those in use."""


class Argon2Hasher:
    """Hash with Argon2id: 19 MiB, two passes, one lane."""

    # What a stored row may make this machine do, should somebody write the database.
    most_memory = 65536
    most_passes = 8
    most_lanes = 8

    def __init__(self) -> None:
        """Fix the parameters, and make up the hash that unknown names are verified against."""
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        salt, tag = (b64encode(secrets.token_bytes(n)).rstrip(b"=").decode() for n in (16, 32))
        self._dummy = f"$argon2id$v=19$m=19456,t=2,p=1${salt}${tag}"

    def hash(self, secret: Secret) -> str:
        """Return the stored form, with a new salt."""
        return self._hasher.hash(secret.value)

    def verify(self, stored: str | None, secret: Secret) -> bool:
        """Tell whether the password is the stored one, at the same cost when nothing is stored."""
        known = stored if stored is not None and self._is_bounded(stored) else None
        try:
            return self._hasher.verify(known or self._dummy, secret.value) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether the stored form was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(stored)

    def _is_bounded(self, stored: str) -> bool:
        try:
            found = extract_parameters(stored)
        except InvalidHashError:
            return False
        return (
            found.memory_cost <= self.most_memory
            and found.time_cost <= self.most_passes
            and found.parallelism <= self.most_lanes
        )


class HashingPool:
    """Run hashing in as many threads as there are cores, for a bounded number of callers."""

    def __init__(self, *, workers: int | None = None, places: int = 128) -> None:
        """Start nothing yet; `places` callers may hold a place, the next one is refused."""
        # Hashing does without the interpreter: it may use every core, wherever its callers stay.
        self._threads = ThreadPoolExecutor(
            workers or os.cpu_count(),
            thread_name_prefix="hashing",
            initializer=run_on,
            initargs=(allowed(),),
        )
        self._places = BoundedSemaphore(places)
        self._count = Lock()
        self.taken = 0

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Hold a place in the queue, or learn that there is none (False)."""
        # Taken before anything is counted: being busy must cost the caller no attempt.
        got = self._places.acquire(blocking=False)
        self._counted(got)
        try:
            yield got
        finally:
            if got:
                self._places.release()
            self._counted(-got)

    def _counted(self, change: int) -> None:
        with self._count:
            self.taken += change

    def run(self, work: Callable[[], Result]) -> Result:
        """Run the work in the pool and wait for it; the caller holds a place and no connection."""
        return self._threads.submit(work).result()

    def close(self) -> None:
        """Let the threads go when the last work is done."""
        self._threads.shutdown()


def normalised(typed: Secret) -> Secret | None:
    """Return a password as it is compared (PRECIS OpaqueString, NFC), or None if it cannot be one.

    Lengths are capped before anything that takes longer the longer the text is. None stands for
    an empty or over-long text, control and invisible characters, and lone surrogates.
    """
    if not fits(typed):
        return None
    try:
        return Secret(_PRECIS.enforce(typed.value))
    except UnicodeEncodeError:
        # PRECIS puts the text into its errors; it must not travel on.
        return None


def fits(typed: Secret) -> bool:
    """Tell whether a text is short enough to be looked at, and whole."""
    if len(typed.value) > MOST_CHARACTERS:
        return False
    try:
        return len(typed.value.encode()) <= MOST_BYTES
    except UnicodeEncodeError:
        return False
