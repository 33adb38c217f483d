"""Hand letters to the district's mail server over SMTP, encrypted and signed in where the address says so."""

import asyncio
import ssl
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import NoReturn, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
import structlog
from email_validator import EmailNotValidError, validate_email

from bot.mail.letters import Letter
from portal.accounts.addresses import mailable
from portal.core.errors import SettingsError
from portal.delivery.outcomes import Handover, Postponed, Rejected, Sent


class _OnOneLine(UnstructuredHeader, BaseHeader):
    """Write a header on one line: an address that is broken in two, or encoded, stops nothing."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OnOneLine)
POLICY = SMTP.clone(header_factory=_HEADERS)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PORTS = {"smtp": 587, "smtps": 465}
COMMAND_SECONDS = 20.0
# Well below the lease of a mail: nobody else may take it while it is being handed over.
LETTER_SECONDS = 60.0
EXAMPLE = "smtp://user:password@mail.example.org:587"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Say where the mail server is and how it is spoken to."""

    host: str
    port: int
    is_tls: bool
    starts_tls: bool
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)


class Clock(Protocol):
    """Tell the time."""

    def now(self) -> datetime:
        """Return the aware time in UTC."""


def read_mail_server(url: str) -> MailServer:
    """Read HALLPASS_SMTP_URL; raise SettingsError with one sentence, which never repeats the address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse("is no address")
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"}:
        _refuse("is no address of a mail server")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", "required")
    if options or starttls not in {"required", "off"}:
        _refuse("knows one option only, starttls=required or starttls=off,")
    server = MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        starts_tls=parts.scheme == "smtp" and starttls == "required",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
    return _checked(server)


def read_mail_from(address: str | None) -> str:
    """Read HALLPASS_MAIL_FROM; raise SettingsError with one sentence where it is no address."""
    try:
        return validate_email(address or "", check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        message = (
            "HALLPASS_MAIL_FROM must be the address that mails come from, such as portal@schools.example.org."
        )
        raise SettingsError(message) from None


class _Connection(aiosmtplib.SMTP):
    """Close at once: with TLS the library waits for the server, and what ends meanwhile leaves it open."""

    def close(self) -> None:
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


def connection_to(server: MailServer, tls: ssl.SSLContext, patience: float) -> aiosmtplib.SMTP:
    """Return a connection that is not open yet; `patience` is seconds for one answer."""
    return _Connection(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        timeout=patience,
        use_tls=server.is_tls,
        start_tls=server.starts_tls,
        tls_context=tls if server.is_tls or server.starts_tls else None,
    )


class SmtpSender:
    """Keep one connection while mail is due, and hand one letter over at a time."""

    def __init__(
        self,
        server: MailServer,
        mail_from: str,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        patience: float = COMMAND_SECONDS,
    ) -> None:
        """Take the server and the address that mails come from; nothing is connected yet.

        `patience` is how many seconds the server may take for one answer.
        """
        self._patience = patience
        self._server = server
        self._mail_from = mail_from
        self._clock = clock
        # Certificates are checked: whoever could pose as the mail server could take accounts over.
        self._tls = tls or ssl.create_default_context()
        self._client: aiosmtplib.SMTP | None = None
        self._log = structlog.get_logger("bot.mail")

    async def hand_over(self, letter: Letter) -> Handover:
        """Try once, and say what came of it."""
        letter = replace(letter, to=mailable(letter.to))
        try:
            content = bytes(message_of(letter, self._mail_from, self._clock.now()))
        except (ValueError, MessageError):
            # A header that would break into two is never written.
            return Rejected("unwritable")
        try:
            async with asyncio.timeout(LETTER_SECONDS):
                return await self._tried(letter, content)
        except (OSError, aiosmtplib.SMTPException) as error:
            # A timeout is an OSError too. The error's own words may hold an address: its type says enough.
            self._log.warning("mail_server_away", error=type(error).__name__)
            await self._drop()
            return Postponed(f"server_away {type(error).__name__}", is_server_away=True)

    async def rest(self) -> None:
        """Say goodbye to the server."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                await client.quit()
            except (OSError, aiosmtplib.SMTPException):
                client.close()

    async def _tried(self, letter: Letter, content: bytes) -> Handover:
        client = await self._connected()
        try:
            await client.sendmail(self._mail_from, [letter.to], content)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            return _refused(refused.code, refused.message)
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPRecipientRefused) as error:
            return _refused(error.code, error.message)
        return Sent()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is None or not self._client.is_connected:
            client = connection_to(self._server, self._tls, self._patience)
            await client.connect()
            self._client = client
        return self._client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def message_of(letter: Letter, mail_from: str, now: datetime) -> EmailMessage:
    """Return the mail as text and HTML; ValueError for a header that would break into two."""
    user, _, domain = mail_from.rpartition("@")
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(letter.sender, user, domain)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    # The same at every attempt, so that a mail program shows a repeat only once.
    message["Message-ID"] = f"<{letter.message_id}@{domain}>"
    if letter.unsubscribe:
        # RFC 8058: the mail program itself may end these mails, with one press.
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Content-Language"] = letter.language
    # Holiday notices are not to answer this.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _refused(code: int, words: str) -> Handover:
    enhanced = next((word for word in words.split()[:1] if word.count(".") == 2), "")
    reason = f"refused {code} {enhanced}".strip()
    # x.7.x are the server's own rules, such as relaying refused to us: mended there, the mail still leaves.
    if code < 500 or enhanced.split(".")[1:2] == ["7"]:
        return Postponed(reason)
    return Rejected(reason)


def _checked(server: MailServer) -> MailServer:
    if (server.user is None) != (server.password is None):
        _refuse("needs both a user and a password, or neither,")
    is_plain = not server.is_tls and not server.starts_tls
    if is_plain and server.user is not None and server.host not in LOOPBACK:
        _refuse("would send its password unencrypted: leave starttls=off out; it")
    return server


def _refuse(why: str) -> NoReturn:
    message = f"HALLPASS_SMTP_URL {why}: write it as {EXAMPLE} or smtps://... (%40 for an @ in the password)."
    raise SettingsError(message)
