"""Define what staff announce, and what they are shown of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """Describe an announcement; an empty `school` is every school, `texts` are title and text by language."""

    school: str
    since: date
    until: date
    texts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Show an announcement to staff."""

    id: str
    school: str
    since: date
    until: date
    texts: Mapping[str, tuple[str, str]]
    by: str
    at: datetime
    version: int

    @property
    def title(self) -> str:
        """Return the title in the first language."""
        return next(iter(self.texts.values()))[0]

    def lacks(self, languages: Sequence[str]) -> list[str]:
        """Return the languages in which families read it in another one."""
        return [each for each in languages if each not in self.texts]


@dataclass(frozen=True, slots=True)
class Announcements:
    """Show what a member of staff announced or may announce: the schools by id, the languages in order."""

    current: Sequence[Announcement]
    over: Sequence[Announcement]
    schools: Mapping[str, str]
    languages: Sequence[str]
    is_shown: bool
    today: date
    every_school: bool
