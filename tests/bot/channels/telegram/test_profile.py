"""Introduce the bot in each language, once, and know what it is called."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel, TelegramSettings
from bot.channels.telegram.channel import open_bot
from bot.channels.telegram.profile import Profile, profile_texts
from bot.channels.telegram.updates import COMMANDS
from bot.conversation.formats import Manner
from bot.conversation.turn import Assistant
from bot.conversation.wording import Wording
from portal.transaction import Portal
from tests.support.conversation import hallpass_project
from tests.support.telegram.emulator import TOKEN, USERNAME, Emulator
from tests.support.telegram.line import AT_ONCE, PUBLIC, LightShelf
from tests.support.telegram.network import InProcess, Network, too_many
from tests.support.telegram.person import Person
from tests.support.voices import ScriptedMouth, voicing_of

LANGUAGES = ("en", "es", "kea", "ht")
SETTERS = ("setMyCommands", "setMyDescription", "setMyShortDescription")
LONGEST = {"about": 120, "description": 512}


def word(response: str, language: str, **values: object) -> str:
    return f"{response} in {language}"


class OnlySpanish(ScriptedMouth):
    """Have a voice for one language."""

    def speaks(self, language: str) -> bool:
        return language == "es"


class Worded:
    """Give a desk the words that introduce a bot."""

    word = staticmethod(word)

    def __init__(self, desk: Assistant) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)


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
    assert {each["command"] for each in first} == {"start", *COMMANDS} - {"voice"}
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


async def test_where_nothing_can_be_kept_the_bot_is_introduced_all_the_same(
    settings: TelegramSettings, network: Network, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")

    profile = await start(replace(settings, state=tmp_path / "file"), network)

    assert profile.link("") == f"https://t.me/{USERNAME}"
    assert len(emulator.requests_of("setMyCommands")) == 3


async def test_the_channel_introduces_its_bot_and_fetches_meanwhile(
    desk: Assistant, portal: Portal, settings: TelegramSettings, emulator: Emulator, network: Network
) -> None:
    gate = network.hold("setMyDescription")
    fetching = replace(settings, public_url=None)
    channel = TelegramChannel(Worded(desk), portal, LightShelf(portal), fetching, network)
    ben = Person(emulator, 4102)
    await ben.types("hello")

    async with channel.working():
        await emulator.until(lambda: ben.hears)
        gate.set()
        await emulator.until(lambda: emulator.requests_of("setChatMenuButton"))

    assert ben.read == "Welcome to the desk."
    assert channel.link("x") == f"https://t.me/{USERNAME}?start=x"


async def test_spoken_answers_are_offered_only_in_languages_that_there_is_a_voice_for(
    desk: Assistant, portal: Portal, settings: TelegramSettings, emulator: Emulator, network: Network
) -> None:
    channel = TelegramChannel(Worded(desk), portal, LightShelf(portal), settings, network)
    channel.give_voice(voicing_of(mouth=OnlySpanish()))

    async with channel.working():
        await emulator.until(lambda: emulator.requests_of("setChatMenuButton"))

    offered = {
        asked.fields.get("language_code"): '"voice"' in asked.fields["commands"]
        for asked in emulator.requests_of("setMyCommands")
    }
    assert offered == {None: False, "es": True, "ht": False}


async def test_a_voice_that_came_later_is_offered_after_a_restart(
    settings: TelegramSettings, network: Network, emulator: Emulator
) -> None:
    await start(settings, network)

    async with open_bot(settings, network) as bot:
        profile = Profile(bot, settings)
        profile.speak_with(lambda _: True)
        await profile.introduce(word)

    assert ['"voice"' in asked.fields["commands"] for asked in emulator.requests_of("setMyCommands")] == [
        *(False, False, False),
        *(True, True, True),
    ]


@pytest.mark.words
def test_every_pack_fits_into_what_telegram_shows() -> None:
    project = hallpass_project()
    wording = Wording(project)

    texts = profile_texts(
        lambda response, language, **values: wording.text(response, values, Manner(language)),
        project.languages,
        lambda _: True,
    )

    assert set(texts) == {"", *(code for code in project.languages if len(code) == 2 and code != "en")}
    for code, text in texts.items():
        assert all(0 < len(text[name]) <= most for name, most in LONGEST.items()), code
        assert all(0 < len(words) <= 256 for words in text["commands"].values()), code
