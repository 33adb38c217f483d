"""The command line lets a chat of staff be told of cases, lists them and removes them."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands import hallpass
from bot.settings import Settings
from bot.staff_chats import add_lines, chat_lines, remove_chat
from portal.core.errors import SettingsError
from portal.dialogue.outcomes import ChatAddress
from portal.dialogue.staff_chats import StaffAsking
from portal.transaction import Portal
from tests.support.portals import make_district

SETTINGS = Settings(
    Path("var"), "sqlite://", None, None, None, None, telegram_token="110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5"
)


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


def open_chat(portal: Portal, name: str = "Help desk") -> None:
    code = add_lines(SETTINGS, portal, None)[1].removeprefix("  /staff ")
    with portal.begin() as tx:
        address = ChatAddress("telegram:110201543", {"chat": -100, "name": name})
        assert isinstance(tx.staff_chats.open(StaffAsking(code, address, "telegram:1", "1")), str)


def test_the_code_that_is_printed_opens_a_chat_which_is_listed_and_removed(portal: Portal) -> None:
    open_chat(portal)
    heading, line = chat_lines(portal, None)
    shown = line.split()[0]

    assert heading.split() == ["chat", "name", "since", "state"]
    assert line.endswith("told")
    assert remove_chat(portal, None, shown) == f"Help desk ({shown}) is told of no new cases any more."
    assert chat_lines(portal, None) == [
        "No chat is told of new cases of westborough: hallpass staff add-chat"
    ]


def test_a_name_that_would_steer_the_terminal_is_shown_harmless(portal: Portal) -> None:
    open_chat(portal, "\x1b[2JDesk")

    assert "\x1b" not in "".join(chat_lines(portal, None))


def test_a_chat_that_is_none_is_not_removed(portal: Portal) -> None:
    with pytest.raises(SettingsError, match="no such chat"):
        remove_chat(portal, None, "abcdef")


def test_without_a_bot_there_is_no_code(portal: Portal) -> None:
    with pytest.raises(SettingsError, match="TELEGRAM_TOKEN"):
        add_lines(replace(SETTINGS, telegram_token=None), portal, None)


@pytest.mark.parametrize(
    ("command", "said"),
    [("add-chat", "no bot yet"), ("chats", "with --district"), ("remove-chat", "with --district")],
)
def test_the_commands_end_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.setenv("HALLPASS_VAR", str(tmp_path))
    monkeypatch.setenv("HALLPASS_DATABASE_URL", f"sqlite:///{tmp_path}/hallpass.db")
    monkeypatch.delenv("TELEGRAM_TOKEN", raising=False)
    result: Result = CliRunner().invoke(
        hallpass, ["staff", command, *(["abc"] if command == "remove-chat" else [])]
    )

    assert result.exit_code == 1
    assert said in result.output
