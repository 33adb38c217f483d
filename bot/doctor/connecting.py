"""Talk to everything that this installation stands on elsewhere: mail server, Telegram, its own address."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiosmtplib

from bot.channels.telegram import TelegramSettings
from bot.channels.telegram.asking import ask_webhook
from bot.doctor.looking import Looked, State
from bot.mail.smtp import connection_to, read_mail_server
from bot.settings import Settings
from portal.core.errors import SettingsError

PATIENCE = 15.0
SOON, URGENT = 21, 7
FAILURES = (OSError, aiosmtplib.SMTPException, SettingsError)


async def look_elsewhere(settings: Settings, now: float, tls: ssl.SSLContext | None = None) -> list[Looked]:
    """Return how everything elsewhere stands; nothing is sent and nothing changed there."""
    trusted = tls or ssl.create_default_context()
    return [each async for each in _all(settings, now, trusted)]


async def _all(settings: Settings, now: float, tls: ssl.SSLContext) -> AsyncIterator[Looked]:
    if settings.smtp_url is not None:
        yield await _mail(settings.smtp_url, now, tls)
    if settings.telegram_token is not None:
        yield await _telegram(settings, settings.telegram_token)
    if settings.public_url is not None:
        yield await _address(settings.public_url, now, tls)


async def _mail(url: str, now: float, tls: ssl.SSLContext) -> Looked:
    try:
        client = connection_to(read_mail_server(url), tls, PATIENCE)
        async with client:
            certificate = client.get_transport_info("peercert")
    except FAILURES as error:
        # Their own words may quote what was shown: the type says enough.
        said = f"The mail server does not take mail ({type(error).__name__}): check HALLPASS_SMTP_URL and it."
        return Looked("mail server", State.WRONG, said)
    return _dated("mail server", "takes mail", certificate, now)


async def _telegram(settings: Settings, token: str) -> Looked:
    bot = TelegramSettings(token, settings.public_url, settings.telegram_api)
    try:
        async with asyncio.timeout(PATIENCE):
            found = await ask_webhook(bot)
    except (TimeoutError, SettingsError):
        return Looked("Telegram", State.WRONG, "Telegram does not answer to the token: check TELEGRAM_TOKEN.")
    if not found.is_ours:
        said = "Updates go elsewhere than here: another program uses this bot, or serve has not started yet."
        return Looked("Telegram", State.WRONG, said)
    if found.has_failed:
        said = "Telegram could not bring an update lately: check HALLPASS_PUBLIC_URL and its certificate."
        return Looked("Telegram", State.NOTE, said)
    return Looked("Telegram", State.WELL, f"@{found.username} answers, {found.waiting} updates wait")


async def _address(url: str, now: float, tls: ssl.SSLContext) -> Looked:
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(
                host, parts.port or (443 if secure else 80), ssl=tls if secure else None
            )
            try:
                certificate = writer.get_extra_info("peercert")
                writer.write(f"GET /health HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
                first = await reader.readline()
            finally:
                writer.transport.abort()
    except OSError as error:
        said = f"{url} is not reached ({type(error).__name__}): check the proxy and its certificate."
        return Looked("public address", State.WRONG, said)
    if b" 200 " not in first:
        said = f"{url}/health is not well: is hallpass serve running behind the proxy?"
        return Looked("public address", State.WRONG, said)
    return _dated("public address", "answers", certificate, now)


def _dated(name: str, said: str, certificate: Mapping[str, Any] | None, now: float) -> Looked:
    """Add how long a certificate is good."""
    if not certificate:
        return Looked(name, State.WELL, said)
    days = int((ssl.cert_time_to_seconds(certificate["notAfter"]) - now) // 86400)
    state = State.WRONG if days < URGENT else State.NOTE if days < SOON else State.WELL
    step = "" if state is State.WELL else ": renew it"
    return Looked(name, state, f"{said}; its certificate is good for {days} days{step}")
