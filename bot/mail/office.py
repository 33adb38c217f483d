"""Hold the way out of the outbox: the words of mails, whoever carries them and whoever looks what is due."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.conversation.wording import Wording
from bot.conversation.yaml_files import Reader, read_yaml
from bot.mail.letters import Letters
from bot.mail.postman import Drawer, Postman, Sender
from bot.mail.rounds import Rounds
from bot.mail.smtp import SmtpSender, read_mail_from, read_mail_server
from bot.mail.words import MailPacks
from bot.settings import Settings
from portal.transaction import Portal


@dataclass(frozen=True, slots=True)
class MailOffice:
    """Hold the words of mails, and whoever carries them and looks what is due, if anybody does.

    Where nobody carries mail none falls due: what waited for weeks would be old when it leaves.
    """

    letters: Letters
    postman: Postman | None
    rounds: Rounds | None = None

    def notices(self) -> list[str]:
        """Say that mail waits where nobody carries it."""
        if self.postman is not None:
            return []
        return ["Mail waits in the outbox: set HALLPASS_SMTP_URL and HALLPASS_MAIL_FROM, and it leaves."]

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry mail until the block is left, where there is a way out."""
        async with contextlib.AsyncExitStack() as stack:
            for worker in (self.postman, self.rounds):
                if worker is not None:
                    await stack.enter_async_context(worker.working())
            yield


def open_mail(
    settings: Settings, portal: Portal, wording: Wording, read_pack: Reader = read_yaml
) -> MailOffice:
    """Put the way out of the outbox together; raise SettingsError where mails could not be made or sent."""
    letters = Letters(MailPacks(settings.data, read_pack), settings.public_url, wording)
    sender = _sender(settings, portal)
    if sender is None:
        return MailOffice(letters, None)
    with portal.begin(read_only=True) as tx:
        for district in tx.districts.all():
            letters.base_of(district)
    return MailOffice(letters, Postman(portal, letters, sender), Rounds(portal))


def _sender(settings: Settings, portal: Portal) -> Sender | None:
    if settings.smtp_url is not None:
        server = read_mail_server(settings.smtp_url)
        return SmtpSender(server, read_mail_from(settings.mail_from), portal.clock)
    return Drawer() if settings.demo else None
