"""Derive the keys of imported rows and make the codes that schools hand out."""

import hashlib
import secrets

from portal.core.keys import Keys
from portal.core.secret import Secret

# Nothing that a parent reads off a letter as something else: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
ACCESS_ID_LENGTH = 8
PASSWORD_GROUPS = 6  # 18 of 23 characters: more than 80 random bits
GROUP = 3


def row_id(district: str, space: str, key: str) -> str:
    """Return the id of an imported row: the same for the same key, in every import."""
    text = f"{district}\x1f{space}\x1f{key}".encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def new_access_id() -> str:
    """Return a random Access ID."""
    return _random(ACCESS_ID_LENGTH)


def new_access_password() -> Secret:
    """Return a random access password, in groups that are easy to copy."""
    return Secret("-".join(_random(GROUP) for _ in range(PASSWORD_GROUPS)))


def derived_access_password(keys: Keys, seed: str) -> Secret:
    """Return the access password of a letter: the same again as long as somebody holds its seed."""
    number = int.from_bytes(keys.mac("letter password", seed))
    drawn = []
    for _ in range(PASSWORD_GROUPS * GROUP):
        number, place = divmod(number, len(ALPHABET))
        drawn.append(ALPHABET[place])
    return Secret("-".join("".join(drawn[at : at + GROUP]) for at in range(0, len(drawn), GROUP)))


def access_password_mac(keys: Keys, district: str, student_id: str, password: Secret) -> bytes:
    """Return what is stored of an access password; case, hyphens and spaces do not matter."""
    plain = "".join(password.value.split()).replace("-", "").upper()
    return keys.mac("access password", district, student_id, plain)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
