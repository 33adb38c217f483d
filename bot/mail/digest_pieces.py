"""Word a regular mail: what it tells of a child, where that is changed, and how it is stopped."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from actions.base import Words
from actions.digest_words import Section, sections_of
from bot.conversation.formats import Manner, formatted
from bot.conversation.wording import Wording
from bot.mail.pieces import Pieces
from bot.mail.words import MailWords
from portal.delivery.outcomes import Mail
from portal.records.notifications import Digest


@dataclass(frozen=True, slots=True)
class Addresses:
    """Say where the mail leads, where the mails are chosen, and what stops them."""

    page: str
    settings: str
    stop: str = field(repr=False)


class DigestPieces(Pieces):
    """Word one regular mail; its sections are worded as the assistant answers the same questions."""

    def __init__(
        self, mail: Mail, words: MailWords, digest: Digest, addresses: Addresses, wording: Wording
    ) -> None:
        """Take the mail, what it tells and the addresses in it."""
        super().__init__(mail, words, addresses.page, addresses.page)
        self._digest, self._addresses, self._wording = digest, addresses, wording
        self.unsubscribe = addresses.stop
        self._manner = Manner(words.language, ZoneInfo(mail.district.options.time_zone))
        self._values |= {
            "student": digest.student,
            "since": self._date(digest.since),
            "today": self._date(digest.today),
        }

    def subject(self) -> str:
        """Name neither the child nor anything of it: a subject is seen on a locked telephone too."""
        return self.line(f"subject_{self._digest.frequency or 'now'}")

    def text(self) -> list[str]:
        """Say whom the mail is about, or that there is nothing new."""
        return self.paragraphs("text" if self._digest.is_new else "text_nothing_new")

    def parts(self) -> dict[str, Any]:
        """Return the pieces of every mail, with the sections and the way to stop."""
        shown = sections_of(self._digest) if self._digest.is_new else []
        return {
            **super().parts(),
            "sections": [self._section(section) for section in shown],
            "links": [
                (self.line("settings"), self._addresses.settings),
                (self.line("stop"), self._addresses.stop),
            ],
        }

    def _section(self, section: Section) -> dict[str, Any]:
        # A chat marks a line with a hyphen, a mail program knows lists.
        return {
            "heading": self._said(section.heading),
            "lines": [self._said(line).removeprefix("- ") for line in section.lines],
            "note": self._said(section.note) if section.note else "",
        }

    def _said(self, words: Words) -> str:
        # What a school typed may hold line breaks; a list of a mail has one line for each.
        return " ".join(self._wording.text(words["response"], words, self._manner).split())

    def _date(self, day: date) -> str:
        return formatted("date", {"date": day.isoformat()}, self._manner)
