"""Turn values into encrypted bytes and back, so that no table holds what anybody wrote."""

import json
from typing import Any

import structlog
from cryptography.fernet import InvalidToken

from portal.core.keys import Keys


def seal(keys: Keys, value: Any) -> bytes:
    """Return the value as encrypted JSON."""
    return keys.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def unseal(keys: Keys, sealed: bytes) -> Any:
    """Return the value that `seal` was given."""
    return json.loads(keys.decrypt(sealed))


def unsealed_or_none(keys: Keys, sealed: bytes, **place: object) -> Any:
    """Return the value, or None where it cannot be read any more; the log says which row that is.

    A disk that rots, or a hand in the tables, must cost one row and not hold up everything behind it.
    """
    try:
        return unseal(keys, sealed)
    except (InvalidToken, ValueError) as error:
        structlog.get_logger("portal").error("row_unreadable", error=type(error).__name__, **place)
        return None
