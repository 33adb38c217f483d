"""Hash fast and count how often."""

import hashlib
from collections.abc import Callable
from threading import Lock

from portal.core.secret import Secret


class CountingHasher:
    """Stand in for Argon2 where its cost is not what is tested.

    `version` stands for the parameters; `fails_next` kills the next verification; `meanwhile` is done
    while the next one is on its way.
    """

    def __init__(self) -> None:
        self.verified = 0
        self.hashed = 0
        self.version = "1"
        self.fails_next = False
        self.meanwhile: Callable[[], None] | None = None
        self._lock = Lock()

    def hash(self, secret: Secret) -> str:
        with self._lock:
            self.hashed += 1
        return f"{self.version}:{_digest(secret)}"

    def verify(self, stored: str | None, secret: Secret) -> bool:
        with self._lock:
            self.verified += 1
            fails, self.fails_next = self.fails_next, False
            meanwhile, self.meanwhile = self.meanwhile, None
        if fails:
            raise MemoryError
        if meanwhile is not None:
            meanwhile()
        return stored is not None and stored.split(":")[1] == _digest(secret)

    def needs_rehash(self, stored: str) -> bool:
        return not stored.startswith(f"{self.version}:")


def _digest(secret: Secret) -> str:
    return hashlib.sha256(secret.value.encode()).hexdigest()
