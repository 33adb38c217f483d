"""Run a real mail server on loopback that can be told to misbehave."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.patience import PATIENCE

USER = "portal"
PASSWORD = "mailroom-keys"


@dataclass(slots=True)
class MailServer:
    """Keep what was accepted; `recipient`, `content` and `silence` say how the next mails are met.

    `drops` ends the connection at that step, without a word. Once a password was looked at, the whole server
    stands still for `stillness` seconds.
    """

    port: int
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    recipient: str = ""
    content: str = ""
    silence: float = 0.0
    stillness: float = 0.0
    drops: str = ""
    greylists: bool = False
    accepts: Callable[[], None] | None = None
    signed_in: int = 0
    was_encrypted: bool = False
    connections: int = 0
    _seen: set[str] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802  (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, _: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.silence)
        if self.drops == "recipient":
            _drop(server)
        if self.greylists and address not in self._seen:
            self._seen.add(address)
            return "451 4.7.1 Greylisted, come back in a minute"
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.drops == "content":
            _drop(server)
            return "421 Gone"
        if self.content:
            return self.content
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.recipients += envelope.rcpt_tos
        self.was_encrypted = session.ssl is not None
        if self.accepts is not None:
            self.accepts()
        return "250 2.0.0 Taken"

    def authenticate(self, server: SMTP, session: Session, _: Envelope, way: str, given: Any) -> AuthResult:
        is_known = given == LoginPassword(USER.encode(), PASSWORD.encode())
        self.signed_in += is_known
        asyncio.get_running_loop().call_soon(time.sleep, self.stillness)
        return AuthResult(success=is_known, handled=False)


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, needs_sign_in: bool = False, port: int = 0
) -> Iterator[MailServer]:
    """Serve on a free port until the block is left, with STARTTLS where there is a certificate."""
    handler = MailServer(port or _free_port())
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=handler.port,
        ready_timeout=PATIENCE,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=handler.authenticate,
        auth_required=needs_sign_in,
        auth_require_tls=tls is not None,
    )
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


def certificate(folder: Path, *, until: datetime | None = None) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; return the server's side of it, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server under test")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(until or now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "server.pem", folder / "server.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, private)
    return server, ssl.create_default_context(cafile=str(pem))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _drop(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()
