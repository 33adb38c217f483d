"""Raise the alarm when many names are tried at once, from however many sources."""

from portal.accounts.gate import WINDOW, Gate, Kind, Limit
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context

# A school morning has some dozens of mistyped passwords in a quarter of an hour; a stolen list has more.
NAMES = 100
ONCE = Limit(fails=1, window=WINDOW)


class Spraying:
    """Count the names whose sign-in failed in a district; nobody is locked out by it."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._gate = Gate(context)

    def note(self, district: str, name: bytes) -> bool:
        """Count a failed sign-in of a name (its gate key), once a window; return whether it is the alarm.

        Each source stays below its own limit and each name is tried once or twice, so no other counter
        sees it. The number is counted by the database, so that of all who fail at once exactly one is
        the one that raises the alarm.
        """
        if self._gate.reserve(district, Kind.SPRAY, self._key(district, name.hex()), ONCE) is not None:
            return False
        if self._gate.count(district, Kind.SPRAY, self._key(district), WINDOW) != NAMES:
            return False
        minutes = int(WINDOW.total_seconds() // 60)
        Audit(self._context).record(district, AuditEvent.SPRAY, names=NAMES, minutes=minutes)
        return True

    def _key(self, district: str, *name: str) -> bytes:
        return self._gate.key(Kind.SPRAY, district, *name)
