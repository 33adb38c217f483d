"""Count what staff try: by the address that was typed, and by the codes of whoever knew the password."""

from portal.accounts.gate import Gate, Kind
from portal.core.options import LockMode, LockOptions

# Staff of all districts come through one door, which asks for nothing but the address.
EVERYWHERE = ""
# Time lifts this lock: nobody shuts a help desk by typing wrong passwords at it.
LOCK = LockOptions(LockMode.WAIT, fails=5, minutes=15)


def password_key(gate: Gate, email_key: str) -> bytes:
    """Return the key of a typed address's counter, whether or not anybody has the address."""
    return gate.key(Kind.STAFF, EVERYWHERE, "password", email_key)


def code_key(gate: Gate, staff_id: str) -> bytes:
    """Return the key of a member's counter of wrong codes."""
    return gate.key(Kind.STAFF, EVERYWHERE, "code", staff_id)


def source_key(gate: Gate, source: str) -> bytes:
    """Return the key of a source's counter."""
    return gate.source_key(EVERYWHERE, source)
