"""Make the link of a letter at the command line."""

import re
from asyncio import to_thread
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.channels.telegram.known import KnownBot, KnownBots
from bot.commands import hallpass
from bot.settings import Settings, read_settings
from bot.telegram_codes import bot_name, code_lines
from portal.core.errors import SettingsError
from portal.dialogue.start_codes import FOR_PARENTS, StartCode, StartKind
from portal.transaction import Portal
from tests.support.families import import_roster
from tests.support.portals import make_district
from tests.support.rosters import small_roster
from tests.support.telegram.emulator import TOKEN, Emulator

LINK = re.compile(r"https://t\.me/school_bot\?start=([\w-]{40,64})")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    var = tmp_path / "var"
    KnownBots(read_settings({"HALLPASS_VAR": str(var)}).var).put(
        TOKEN.partition(":")[0], KnownBot("school_bot")
    )
    environment = {
        "HALLPASS_VAR": str(var),
        "TELEGRAM_TOKEN": TOKEN,
        "HALLPASS_PUBLIC_URL": "https://hallpass.example",
    }
    return read_settings(environment)


def test_the_links_of_a_childs_letter_are_printed_with_their_end(
    portal: Portal, settings: Settings, tmp_path: Path
) -> None:
    make_district(portal)
    letter = import_roster(portal, tmp_path / "set", small_roster(), "westborough")["S2"]
    with portal.begin(read_only=True) as tx:
        numbers = {n: tx.imports.find_student("westborough", n) for n in ("S2", "7002", "1002")}
    number = next(n for n, found in numbers.items() if found is not None and found.id == letter.student_id)

    page, link, end = code_lines(settings, portal, None, number, "es")

    found = LINK.fullmatch(link)
    assert found is not None
    assert page == f"https://hallpass.example/start/{found[1]}"
    assert end.startswith("The code serves once, until 20")
    with portal.begin() as tx:
        spent = tx.start_codes.spend(found[1], FOR_PARENTS, turn_id="t1")
    expected = StartCode("westborough", StartKind.LETTER, "es", letter.student_id, letter.access_id)
    assert spent == expected


def test_a_student_that_is_not_there_is_said_in_a_sentence(portal: Portal, settings: Settings) -> None:
    make_district(portal)

    with pytest.raises(SettingsError, match="No student of westborough has the number '999'"):
        code_lines(settings, portal, "westborough", "999", "en")


def test_a_language_that_nobody_here_speaks_is_said_in_a_sentence(portal: Portal, settings: Settings) -> None:
    make_district(portal)

    with pytest.raises(SettingsError, match="no language pack 'xx': choose one of ar, en, es"):
        code_lines(settings, portal, None, None, "xx")


def test_with_nothing_to_link_to_it_says_what_to_set(portal: Portal, settings: Settings) -> None:
    make_district(portal)
    bare = replace(settings, telegram_token=None, public_url=None)

    with pytest.raises(SettingsError, match="set TELEGRAM_TOKEN, or HALLPASS_PUBLIC_URL"):
        code_lines(bare, portal, None, None, "en")


def test_the_command_prints_the_page_alone_without_a_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    districts = tmp_path / "var" / "districts"
    districts.mkdir(parents=True)
    options = "name: Grand Bend ISD\nportal_url: https://portal.example/public\ntime_zone: America/Chicago\n"
    (districts / "grandbend.yml").write_text(options)
    for name, value in {
        "HALLPASS_VAR": str(tmp_path / "var"),
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_PUBLIC_URL": "https://hallpass.example",
    }.items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(hallpass, ["telegram", "code", "--language", "vi"])

    assert result.exit_code == 0, result.output
    assert re.match(r"https://hallpass\.example/start/[\w-]{40,64}\nThe code serves once", result.output)


async def test_a_bot_that_never_ran_is_asked_for_its_name(settings: Settings, tmp_path: Path) -> None:
    async with Emulator().served() as address:
        fresh = replace(settings, var=tmp_path, telegram_api=address)
        name = await to_thread(bot_name, fresh)

    assert name == "hallpass_test_bot"
