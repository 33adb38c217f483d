"""Say when something was, as staff of a district read it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.formats import Manner, formatted

NEVER = "-"


@dataclass(frozen=True, slots=True)
class Moments:
    """Say moments in one time zone and language."""

    zone: str
    language: str

    def said(self, at: datetime | None) -> str:
        """Return day and time, or a dash for never."""
        if at is None:
            return NEVER
        return formatted("datetime", {"datetime": at.isoformat()}, Manner(self.language, ZoneInfo(self.zone)))
