"""The certificate of the mail server or of the Bot API has expired: nothing is sent past it, or lost.

Still true: no password and no mail goes to a server that cannot prove itself; what waits leaves once,
without a hand, when the certificate is renewed; the log says why nothing left.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from bot.channels.telegram import TelegramSettings
from bot.channels.telegram.channel import open_bot
from bot.mail.postman import Postman
from bot.mail.smtp import SmtpSender, read_mail_server
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.mails import letters_of
from tests.support.portals import make_district
from tests.support.smtp import PASSWORD, USER, certificate, mail_server
from tests.support.telegram.emulator import TOKEN

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_mail_waits_for_a_new_certificate_and_leaves_once(
    portal: Portal, clock: FakeClock, tmp_path: Path
) -> None:
    make_district(portal)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("ana@mailbox.example"))
    for name, until in (("expired", LONG_AGO), ("renewed", None)):
        folder = tmp_path / name
        folder.mkdir()
        theirs, ours = certificate(folder, until=until)
        with mail_server(tls=theirs, needs_sign_in=True) as server, capture_logs() as lines:
            where = read_mail_server(f"smtp://{USER}:{PASSWORD}@127.0.0.1:{server.port}")
            sender = SmtpSender(where, "portal@schools.example", clock, tls=ours)
            await Postman(portal, letters_of(), sender).deliver_due()
            await Postman(portal, letters_of(), sender).deliver_due()
        clock.advance(hours=2)

        received = (len(server.received), server.signed_in)
        assert received == ((0, 0) if until else (1, 1)), name
        assert any(line["event"] == "mail" for line in lines)


@asynccontextmanager
async def bot_api(theirs: ssl.SSLContext) -> AsyncIterator[int]:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=theirs)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_bot_api_with_an_expired_certificate_is_away_and_learns_no_token(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path, until=LONG_AGO)
    async with bot_api(theirs) as port:
        settings = TelegramSettings(TOKEN, api_url=f"https://127.0.0.1:{port}")
        request = HTTPXRequest(httpx_kwargs={"verify": ours})
        bot = open_bot(settings, request)

        # The pusher takes it as Telegram being away: the chat is left alone and written to later.
        with pytest.raises(NetworkError, match="CERTIFICATE_VERIFY_FAILED"):
            await bot.get_me()
        await request.shutdown()
