"""Read the mails that a test's portal sends, worded as parents get them."""

import asyncio
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.conversation.wording import Wording
from bot.mail.letters import Letter, Letters
from bot.mail.postman import Pace, Postman
from bot.mail.words import MailPacks
from portal.core.secret import Secret
from portal.delivery.outcomes import Handover, Postponed, Sent
from portal.transaction import Portal
from tests.support.conversation import hallpass_project

DATA = Path(__file__).resolve().parent.parent.parent / "data"
PUBLIC_URL = "https://help.schools.example"


@dataclass(slots=True)
class Mailbox:
    """Take every letter; `refuses` is answered instead while it is set."""

    letters: list[Letter] = field(default_factory=list)
    refuses: Handover | None = None
    tried: int = 0

    async def hand_over(self, letter: Letter) -> Handover:
        self.tried += 1
        if self.refuses is not None:
            return self.refuses
        self.letters.append(letter)
        return Sent()

    async def rest(self) -> None:
        pass

    def to(self, address: str) -> list[Letter]:
        """Return what was sent to an address, the oldest first."""
        return [letter for letter in self.letters if letter.to == address]


def letters_of(public_url: str | None = PUBLIC_URL) -> Letters:
    """Word mails with the words that parents get."""
    packs, wording = _words()
    return Letters(packs, public_url, wording)


@cache
def _words() -> tuple[MailPacks, Wording]:
    # The files are the same for every test, and reading them takes longer than most tests do.
    return MailPacks(DATA), Wording(hallpass_project())


def postman_of(portal: Portal, mailbox: Mailbox, *, pace: Pace | None = None) -> Postman:
    """Carry a portal's mails into a mailbox."""
    return Postman(portal, letters_of(), mailbox, pace=pace)


def deliver(portal: Portal, mailbox: Mailbox | None = None) -> Mailbox:
    """Hand over every mail that is due, from a test that runs no loop, and return where it went."""
    box = mailbox or Mailbox()
    asyncio.run(postman_of(portal, box).deliver_due())
    return box


async def delivered(portal: Portal, mailbox: Mailbox | None = None) -> Mailbox:
    """Hand over every mail that is due, from a test that runs a loop, and return where it went."""
    box = mailbox or Mailbox()
    await postman_of(portal, box).deliver_due()
    return box


def token_in(letter: Letter) -> Secret:
    """Return the security token that a letter's link carries."""
    found = re.search(r"#([\w-]+)$", letter.link or "")
    assert found is not None, letter.subject
    return Secret(found[1])


AWAY = Postponed("server_away", is_server_away=True)
