"""Introduce the bot in each language, once, and know what it is called."""

import json
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramSettings
from bot.channels.telegram.channel import open_bot
from bot.channels.telegram.profile import Profile, profile_texts
from bot.channels.telegram.updates import COMMANDS
from bot.conversation.formats import Manner
from bot.conversation.wording import Wording
from tests.support.conversation import hallpass_project
from tests.support.telegram.emulator import TOKEN, USERNAME, Emulator
from tests.support.telegram.line import AT_ONCE, PUBLIC
from tests.support.telegram.network import InProcess, Network, too_many

LANGUAGES = ("en", "es", "kea", "ht")
SETTERS = ("setMyCommands", "setMyDescription", "setMyShortDescription")
LONGEST = {"about": 120, "description": 512}


def word(response: str, language: str, **values: object) -> str:
    return f"{response} in {language}"


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def network(emulator: Emulator) -> Network:
    return Network(InProcess(emulator))


@pytest.fixture
def settings(tmp_path: Path) -> TelegramSettings:
    return TelegramSettings(TOKEN, PUBLIC, pace=AT_ONCE, state=tmp_path, languages=LANGUAGES)


async def start(settings: TelegramSettings, network: Network, says: object = word) -> Profile:
    """Start the bot once and return what it introduced itself with."""
    async with open_bot(settings, network) as bot:
        profile = Profile(bot, settings)
        await profile.introduce(says)  # type: ignore[arg-type]
    return profile


async def test_the_commands_and_texts_are_set_in_every_language_that_telegram_takes(
    settings: TelegramSettings, network: Network, emulator: Emulator
) -> None:
    await start(settings, network)

    codes = {m: [asked.fields.get("language_code") for asked in emulator.requests_of(m)] for m in SETTERS}
    assert list(codes.values()) == [[None, "es", "ht"]] * len(SETTERS)
    first = json.loads(emulator.requests_of("setMyCommands")[1].fields["commands"])
    assert first[0] == {"command": "start", "description": "utter_command_start in es"}
    assert {each["command"] for each in first} == {"start", *COMMANDS}
    assert len(emulator.requests_of("setChatMenuButton")) == 1
    assert emulator.faults == []


async def test_a_restart_sets_nothing_anew(
    settings: TelegramSettings, network: Network, emulator: Emulator
) -> None:
    await start(settings, network)

    await start(settings, network)

    assert len(emulator.requests_of("setMyCommands")) == 3


async def test_words_that_changed_are_set_anew(
    settings: TelegramSettings, network: Network, emulator: Emulator
) -> None:
    await start(settings, network)

    await start(settings, network, lambda response, _: f"{response} anew")

    assert len(emulator.requests_of("setMyCommands")) == 6


async def test_what_telegram_does_not_take_now_is_set_at_the_next_start(
    settings: TelegramSettings, network: Network, emulator: Emulator
) -> None:
    network.spoil("setMyShortDescription", too_many(3600))
    refused = await start(settings, network)

    network.spoil("setMyShortDescription", too_many(3600), times=0)
    await start(settings, network)

    assert refused.link("abc") == f"https://t.me/{USERNAME}?start=abc"
    assert len(emulator.requests_of("setMyDescription")) == 3


async def test_the_name_is_known_before_telegram_answers_again(
    settings: TelegramSettings, network: Network
) -> None:
    new = Profile(open_bot(settings, network), settings)
    await start(settings, network)

    later = Profile(open_bot(settings, network), settings)

    assert new.link("abc") is None
    assert later.link("abc") == f"https://t.me/{USERNAME}?start=abc"


async def test_a_file_that_was_cut_short_is_written_anew(
    settings: TelegramSettings, network: Network, tmp_path: Path
) -> None:
    (tmp_path / "telegram.json").write_text('{"1102015', encoding="utf-8")

    profile = await start(settings, network)

    assert profile.link("abc") is not None
    assert TOKEN.partition(":")[2] not in (tmp_path / "telegram.json").read_text(encoding="utf-8")


@pytest.mark.words
def test_every_pack_fits_into_what_telegram_shows() -> None:
    project = hallpass_project()
    wording = Wording(project)

    texts = profile_texts(
        lambda response, language, **values: wording.text(response, values, Manner(language)),
        project.languages,
    )

    assert set(texts) == {"", *(code for code in project.languages if len(code) == 2 and code != "en")}
    for code, text in texts.items():
        assert all(0 < len(text[name]) <= most for name, most in LONGEST.items()), code
        assert all(0 < len(words) <= 256 for words in text["commands"].values()), code
