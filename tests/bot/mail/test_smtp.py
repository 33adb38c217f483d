"""Mail is handed to a real mail server, encrypted and signed in, and every kind of no is told apart."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.mail.letters import Letter
from bot.mail.smtp import SmtpSender, message_of, read_mail_from, read_mail_server
from portal.core.errors import SettingsError
from portal.delivery.outcomes import Handover, Postponed, Rejected, Sent
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE
from tests.support.smtp import PASSWORD, USER, MailServer, certificate, mail_server

FROM = "portal@schools.example"
LETTER = Letter(
    message_id="0123abcd",
    sender="Écoles de Westborough",
    to="marisol@mailbox.example",
    subject="Votre mot de passe",
    text="Bonjour,\n\nçà et là\n",
    html="<p>Bonjour</p>",
    language="fr",
    link=None,
    reply_to="help@schools.example",
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def sender_to(port: int, *, patience: float = PATIENCE) -> SmtpSender:
    where = read_mail_server(f"smtp://127.0.0.1:{port}?starttls=off")
    return SmtpSender(where, FROM, FakeClock(), patience=patience)


async def hand_over(sender: SmtpSender, letter: Letter = LETTER) -> Handover:
    handover = await sender.hand_over(letter)
    await sender.rest()
    return handover


async def test_letter_arrives_as_text_and_html_with_its_headers(server: MailServer) -> None:
    handover = await hand_over(sender_to(server.port))

    message = server.received[0]
    assert handover == Sent()
    assert server.recipients == ["marisol@mailbox.example"]
    assert message["From"] == "Écoles de Westborough <portal@schools.example>"
    assert message["To"] == "marisol@mailbox.example"
    assert message["Subject"] == "Votre mot de passe"
    assert message["Message-ID"] == "<0123abcd@schools.example>"
    assert message["Reply-To"] == "help@schools.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Thu, 15 Oct 2026 14:00:00 +0000"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert "<p>Bonjour</p>" in rich.get_content()


@pytest.mark.case("Q6")
async def test_domain_in_another_script_is_written_as_every_server_takes_it(server: MailServer) -> None:
    letter = replace(LETTER, to="Marisol@exämple.com")

    handover = await hand_over(sender_to(server.port), letter)

    assert handover == Sent()
    assert server.recipients == ["Marisol@xn--exmple-cua.com"]


async def test_letters_of_one_round_share_a_connection(server: MailServer) -> None:
    sender = sender_to(server.port)

    await sender.hand_over(LETTER)
    await hand_over(sender, replace(LETTER, message_id="second"))

    assert len(server.received) == 2
    assert server.connections == 1


async def test_connection_is_encrypted_before_signing_in(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        where = read_mail_server(f"smtp://{USER}:{PASSWORD}@127.0.0.1:{server.port}")

        handover = await hand_over(SmtpSender(where, FROM, FakeClock(), tls=ours))

    assert handover == Sent()
    assert (server.signed_in, server.was_encrypted) == (1, True)


async def test_server_whose_certificate_is_unknown_gets_no_mail_and_no_password(tmp_path: Path) -> None:
    theirs, _ = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        where = read_mail_server(f"smtp://{USER}:{PASSWORD}@127.0.0.1:{server.port}")

        handover = await hand_over(SmtpSender(where, FROM, FakeClock()))

    assert isinstance(handover, Postponed)
    assert handover.is_server_away
    assert (server.signed_in, server.received) == (0, [])


async def test_server_without_encryption_gets_no_mail_where_it_is_required(server: MailServer) -> None:
    where = read_mail_server(f"smtp://127.0.0.1:{server.port}")

    handover = await hand_over(SmtpSender(where, FROM, FakeClock()))

    assert isinstance(handover, Postponed)
    assert handover.is_server_away
    assert server.received == []


async def test_wrong_password_of_ours_keeps_the_mail(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        where = read_mail_server(f"smtp://{USER}:wrong@127.0.0.1:{server.port}")

        handover = await hand_over(SmtpSender(where, FROM, FakeClock(), tls=ours))

    assert handover == Postponed("server_away SMTPAuthenticationError", is_server_away=True)


@pytest.mark.parametrize(
    ("answer", "handover"),
    [
        ("550 5.1.1 No such user here", Rejected("refused 550 5.1.1")),
        ("553 Mailbox name not allowed", Rejected("refused 553")),
        ("550 5.7.1 Relaying denied", Postponed("refused 550 5.7.1")),
        ("451 4.7.1 Greylisted", Postponed("refused 451 4.7.1")),
        ("452 4.2.2 Mailbox full", Postponed("refused 452 4.2.2")),
    ],
)
async def test_recipient_that_is_refused_is_given_up_only_when_trying_again_cannot_help(
    server: MailServer, answer: str, handover: Handover
) -> None:
    server.recipient = answer

    first = await hand_over(sender_to(server.port))

    assert first == handover


async def test_content_that_is_refused_is_told_apart_too(server: MailServer) -> None:
    sender = sender_to(server.port)
    server.content = "554 5.6.0 Not this"
    rejected = await sender.hand_over(LETTER)
    server.content = "452 4.3.1 No room"
    postponed = await sender.hand_over(LETTER)
    server.content = ""

    sent = await hand_over(sender)

    assert (rejected, postponed) == (Rejected("refused 554 5.6.0"), Postponed("refused 452 4.3.1"))
    assert sent == Sent()


@pytest.mark.parametrize("step", ["recipient", "content"])
async def test_connection_that_drops_in_the_middle_keeps_the_mail_and_a_new_one_brings_it(
    server: MailServer, step: str
) -> None:
    sender = sender_to(server.port)
    server.drops = step
    dropped = await sender.hand_over(LETTER)
    server.drops = ""

    sent = await hand_over(sender)

    assert isinstance(dropped, Postponed)
    assert dropped.is_server_away
    assert sent == Sent()
    assert len(server.received) == 1


async def test_server_that_does_not_answer_is_not_waited_for(server: MailServer) -> None:
    server.silence = 3600.0

    handover = await asyncio.wait_for(sender_to(server.port, patience=0.2).hand_over(LETTER), PATIENCE)

    assert isinstance(handover, Postponed)
    assert handover.is_server_away


async def test_server_that_is_not_there_keeps_the_mail() -> None:
    with mail_server() as gone:
        port = gone.port

    handover = await hand_over(sender_to(port))

    assert isinstance(handover, Postponed)
    assert handover.is_server_away


@pytest.mark.parametrize(
    "change",
    [
        {"to": "marisol@mailbox.example\r\nBcc: all@mailbox.example"},
        {"to": "no address"},
        {"subject": "Hello\r\nBcc: all@mailbox.example"},
        {"sender": "District\nBcc: all@mailbox.example"},
        {"reply_to": "help@schools.example\r\nBcc: all@mailbox.example"},
        {"language": "fr\r\nBcc: all@mailbox.example"},
    ],
)
async def test_header_cannot_be_broken_into_two(server: MailServer, change: dict[str, str]) -> None:
    handover = await hand_over(sender_to(server.port), replace(LETTER, **change))  # type: ignore[arg-type]

    assert handover == Rejected("unwritable")
    assert server.received == []


def test_repeat_of_a_mail_has_the_same_message_id() -> None:
    first = message_of(LETTER, FROM, datetime(2026, 10, 15, tzinfo=UTC))
    again = message_of(LETTER, FROM, datetime(2026, 10, 16, tzinfo=UTC))

    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", (587, False, True)),
        ("smtp://mail.example.org:25?starttls=required", (25, False, True)),
        ("smtps://mail.example.org", (465, True, False)),
        ("smtp://127.0.0.1:25?starttls=off", (25, False, False)),
    ],
)
def test_address_of_the_server_says_how_it_is_spoken_to(url: str, expected: tuple[int, bool, bool]) -> None:
    server = read_mail_server(url)

    assert (server.port, server.is_tls, server.starts_tls) == expected


def test_user_and_password_may_hold_any_character_and_stay_out_of_sight() -> None:
    server = read_mail_server("smtps://portal%40schools.example:CANARY%2F%3A@mail.example.org")

    assert (server.user, server.password) == ("portal@schools.example", "CANARY/:")
    assert "CANARY" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org:587",
        "https://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:port",
        "smtp://mail.example.org:587/inbox",
        "smtp://mail.example.org?starttls=maybe",
        "smtp://mail.example.org?tls=off",
        "smtp://CANARY@mail.example.org",
        "smtp://user:CANARY@mail.example.org?starttls=off",
        "smtp://[::1",
    ],
)
def test_wrong_address_of_the_server_is_one_sentence_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^HALLPASS_SMTP_URL .*smtp://user:password@") as refused:
        read_mail_server(url)

    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("address", [None, "", "portal", "Portal <portal@schools.example>"])
def test_wrong_address_of_ours_is_one_sentence(address: str | None) -> None:
    with pytest.raises(SettingsError, match=r"^HALLPASS_MAIL_FROM must be the address"):
        read_mail_from(address)


def test_context_checks_certificates_unless_another_is_given() -> None:
    sender = SmtpSender(read_mail_server("smtps://mail.example.org"), FROM, FakeClock())

    assert sender._tls.verify_mode is ssl.CERT_REQUIRED
    assert sender._tls.check_hostname
