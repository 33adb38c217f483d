"""The doctor looks at what an installation stands on, here and elsewhere, and says what to do."""

import asyncio
import gc
import json
import os
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from bot.channels.telegram import TelegramSettings
from bot.commands import hallpass
from bot.doctor.connecting import look_elsewhere
from bot.doctor.looking import Looked, State, look_here
from bot.settings import Settings, read_settings
from portal.backups.encrypting import MAGIC
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.doors import build_app, served
from tests.support.installation import install
from tests.support.patience import PATIENCE
from tests.support.portals import make_district
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.smtp import PASSWORD, USER, certificate, mail_server
from tests.support.telegram.emulator import TOKEN, Emulator
from tests.support.telegram.line import PUBLIC

DAY = 86400.0


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    return install(tmp_path / "var", database_url, monkeypatch)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hallpass, ["doctor", *arguments])


def settings_of(tmp_path: Path, **given: str) -> Settings:
    return read_settings({"HALLPASS_VAR": str(tmp_path), **given})


def states(found: Iterator[Looked] | list[Looked]) -> dict[str, State]:
    return {each.name: each.state for each in found}


def test_a_sound_installation_is_well_also_for_a_program(var: Path) -> None:
    told = run("--json")

    found = json.loads(told.output)
    assert (told.exit_code, found["safe"]) == (0, True)
    assert {each["name"] for each in found["looked"]} >= {"disk", "inbox", "outbox", "fonts"}
    assert {each["state"] for each in found["looked"]} <= {"well", "note"}
    assert found["districts"] == {"grandbend": {"legacy": [], "unsafe": []}}
    assert "CANARY" not in told.output


def test_what_is_wrong_fails_with_what_to_do(var: Path, tmp_path: Path) -> None:
    told = run("--backups", str(tmp_path / "none"))

    assert told.exit_code == 1
    assert "run hallpass backup" in " ".join(told.output.split())
    assert "1 thing(s) are wrong" in told.output


@pytest.mark.parametrize(
    ("backup", "state"),
    [((1, MAGIC), State.WELL), ((1, b"open to everybody"), State.NOTE), ((49, MAGIC), State.WRONG)],
)
def test_backups_are_looked_at_by_their_age_and_whether_they_are_encrypted(
    portal: Portal, clock: FakeClock, tmp_path: Path, backup: tuple[int, bytes], state: State
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    hours, content = backup
    made = clock.now().timestamp() - hours * 3600
    (folder / "one.tar").write_bytes(content)
    os.utime(folder / "one.tar", (made, made))
    # This one is not whole yet.
    (folder / "two.tar.part").touch()

    found = look_here(settings_of(tmp_path), portal, folder)

    assert states(found)["backup"] is state


class Usage(NamedTuple):
    free: int


def test_full_disk_and_stuck_mail_are_wrong(
    portal: Portal, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=1_000_000))
    make_district(portal)
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("marisol@mailbox.example"))
    clock.advance(hours=2)

    carried = states(look_here(settings_of(tmp_path, HALLPASS_SMTP_URL="smtp://x"), portal, None))
    waiting = states(look_here(settings_of(tmp_path), portal, None))

    assert (carried["disk"], carried["outbox"]) == (State.WRONG, State.WRONG)
    assert "outbox" not in waiting


@pytest.mark.parametrize(
    ("days_before", "state"), [(365, State.WELL), (10, State.NOTE), (2, State.WRONG), (-1, State.WRONG)]
)
def test_mail_server_is_signed_in_to_and_its_certificate_dated(
    tmp_path: Path, days_before: int, state: State
) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        url = f"smtp://{USER}:{PASSWORD}@127.0.0.1:{server.port}"
        settings = settings_of(tmp_path, HALLPASS_SMTP_URL=url)
        [until] = [ssl.cert_time_to_seconds(each["notAfter"]) for each in ours.get_ca_certs()]  # type: ignore[arg-type]
        [found] = asyncio.run(look_elsewhere(settings, until - days_before * DAY, ours))

    assert found.state is state
    assert server.signed_in == 1
    assert server.received == []


@pytest.mark.case("G1")
def test_mail_server_that_refuses_is_wrong_and_no_password_is_shown(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        settings = settings_of(tmp_path, HALLPASS_SMTP_URL=f"smtp://{USER}:CANARY-x@127.0.0.1:{server.port}")
        [refused] = asyncio.run(look_elsewhere(settings, 0.0, ours))
    [away] = asyncio.run(look_elsewhere(settings, 0.0, ours))

    assert (refused.state, away.state) == (State.WRONG, State.WRONG)
    assert "CANARY" not in refused.said + away.said


def test_connection_is_closed_though_the_mail_server_says_no_word_more(tmp_path: Path) -> None:
    theirs, ours = certificate(tmp_path)
    with mail_server(tls=theirs, needs_sign_in=True) as server:
        server.stillness = 0.3
        settings = settings_of(tmp_path, HALLPASS_SMTP_URL=f"smtp://{USER}:wrong@127.0.0.1:{server.port}")
        [refused] = asyncio.run(look_elsewhere(settings, 0.0, ours))
        # What nobody closed says so once it is collected, and the test fails.
        gc.collect()

    assert refused.state is State.WRONG


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """Answer one call with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as caller:
                caller.recv(4096)
                caller.sendall(reply)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(PATIENCE)


def test_public_address_answers_with_its_health(tmp_path: Path) -> None:
    with served(build_app(ScriptedAssistant())) as address:
        settings = settings_of(tmp_path, HALLPASS_PUBLIC_URL=address)
        [well] = asyncio.run(look_elsewhere(settings, 0.0))
    [away] = asyncio.run(look_elsewhere(settings, 0.0))
    with answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as address:
        [unwell] = asyncio.run(look_elsewhere(settings_of(tmp_path, HALLPASS_PUBLIC_URL=address), 0.0))

    assert (well.state, away.state, unwell.state) == (State.WELL, State.WRONG, State.WRONG)


async def telegram_as_seen(settings: Settings) -> tuple[State, str]:
    found = {each.name: each for each in await look_elsewhere(settings, 0.0)}
    return found["Telegram"].state, found["Telegram"].said


async def test_bot_that_asks_for_its_updates_is_well_until_another_program_has_them(tmp_path: Path) -> None:
    emulator = Emulator()
    async with emulator.served() as api:
        settings = settings_of(tmp_path, TELEGRAM_TOKEN=TOKEN, HALLPASS_TELEGRAM_API=api)
        well = await telegram_as_seen(settings)
        await emulator.answer("setWebhook", {"url": "https://another.example/bot"}, {}, TOKEN)
        taken = await telegram_as_seen(settings)

    assert well == (State.WELL, f"@{emulator.username} answers, 0 updates wait")
    assert taken[0] is State.WRONG
    assert "another program uses this bot" in taken[1]


async def test_bot_of_a_public_server_is_well_once_its_updates_are_brought_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", only_this_machine(socket.getaddrinfo))
    emulator = Emulator()
    ours = f"{PUBLIC}{TelegramSettings(TOKEN).webhook_path}"
    async with emulator.served() as api:
        settings = settings_of(
            tmp_path, TELEGRAM_TOKEN=TOKEN, HALLPASS_TELEGRAM_API=api, HALLPASS_PUBLIC_URL=f"{PUBLIC}/"
        )
        before = await telegram_as_seen(settings)
        await emulator.answer("setWebhook", {"url": ours}, {}, TOKEN)
        well = await telegram_as_seen(settings)
        told = {**emulator._update_queues.info(TOKEN), "pending_update_count": 3, "last_error_date": 1}
        monkeypatch.setattr(emulator._update_queues, "info", lambda _: told)
        failing = await telegram_as_seen(settings)

    assert (before[0], well[0], failing[0]) == (State.WRONG, State.WELL, State.NOTE)
    assert "serve has not started yet" in before[1]
    assert "could not bring an update" in failing[1]
    assert not {TOKEN, ours} & {*before, *well, *failing}


def only_this_machine(resolve: Callable[..., Any]) -> Callable[..., Any]:
    def resolved(host: str, *arguments: Any, **named: Any) -> Any:
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return resolve(host, *arguments, **named)

    return resolved


def test_telegram_that_does_not_answer_is_wrong_and_no_token_is_shown(tmp_path: Path) -> None:
    token = f"123456:CANARY{'A' * 30}"
    given = {"TELEGRAM_TOKEN": token, "HALLPASS_TELEGRAM_API": "http://127.0.0.1:9"}

    [found] = asyncio.run(look_elsewhere(settings_of(tmp_path, **given), 0.0))

    assert found.state is State.WRONG
    assert "CANARY" not in found.said
