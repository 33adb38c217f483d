"""A voice note in Telegram: heard, shown, answered, and answered aloud where that was asked for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.conversation.turn import Assistant
from bot.voicing import Voicing
from portal.transaction import Portal
from tests.support.doors import DATA
from tests.support.portals import PASSWORD
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line
from tests.support.telegram.network import Answer, Cut, Network
from tests.support.telegram.person import Person
from tests.support.voices import PATIENT, SOUND, ScriptedMouth, needs_ears, needs_voices, voicing_of
from voice.finding import VoicePlaces, find_voice
from voice.speech import Hint, Spoken, Transcribed, Unspoken, Why
from voice.spoken import read_spoken

pytestmark = pytest.mark.not_in_telegram("they go through Telegram already")

CANARY = "CANARY tiger tiger 44"
HINT = Hint("en", "An Access ID is in the letter.")
SAYS = {
    b"OggS help": Transcribed("What is an Access ID?", sure=True),
    b"OggS secret": Transcribed(CANARY, sure=True),
    b"OggS sign in": Transcribed("sign in, my username is mlopez", sure=True),
    b"OggS unsure": Transcribed("sign out", sure=False),
}
FORBIDDEN = Answer(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    made = Emulator()
    yield made
    assert made.faults == []


@pytest.fixture
def line(assistant: Assistant, portal: Portal, families: None, emulator: Emulator) -> Line:
    return Line(assistant, portal, emulator)


@pytest.fixture
def network(line: Line) -> Network:
    return line.network


@pytest.fixture
def mouth(line: Line, assistant: Assistant) -> ScriptedMouth:
    mouth = ScriptedMouth()
    voicing = voicing_of(SAYS, mouth)
    assistant.listen_with(voicing)
    line.channel.give_voice(voicing)
    return mouth


@pytest.fixture
def ana(line: Line) -> Person:
    return line.person(4101)


async def speaks(line: Line, ana: Person, recording: bytes) -> int:
    number = await ana.sends_voice(recording)
    await line.settled()
    return number


async def presses(line: Line, ana: Person, title: str) -> None:
    await ana.presses(title)
    await line.settled()


async def test_a_voice_note_is_answered_with_what_was_heard_first(
    line: Line, ana: Person, mouth: ScriptedMouth
) -> None:
    await speaks(line, ana, b"OggS help")

    assert ana.hears[0].text.startswith("🎤 What is an Access ID?")
    assert "letter" in ana.read
    assert [shown for shown in ana.hears if shown.kind == "voice"] == []


async def test_whoever_asks_for_it_gets_a_voice_note_after_the_text(
    line: Line, ana: Person, mouth: ScriptedMouth
) -> None:
    await speaks(line, ana, b"OggS help")
    await presses(line, ana, "Answer aloud")
    await speaks(line, ana, b"OggS help")

    text, voice = ana.hears[-2:]
    assert voice.kind == "voice"
    assert voice.file == SOUND
    assert "letter" in text.text
    assert mouth.said[-1][1] == "en"
    assert "letter" in mouth.said[-1][0]
    assert "🎤" not in mouth.said[-1][0]


async def test_the_command_turns_spoken_answers_on_and_off(
    line: Line, ana: Person, mouth: ScriptedMouth
) -> None:
    await ana.types("/voice")
    await line.settled()
    on = ana.read
    await ana.types("/voice")
    await line.settled()
    said = len(mouth.said)
    await ana.types("what is an access id?")
    await line.settled()

    assert "answer aloud" in on
    assert "in writing only" in ana.read
    assert len(mouth.said) == said
    assert ana.last.kind == "text"


async def test_where_nothing_can_be_spoken_the_text_is_enough(
    line: Line, ana: Person, mouth: ScriptedMouth
) -> None:
    mouth.outcome = Unspoken(Why.BUSY)
    await ana.types("/voice")
    await line.settled()
    await ana.types("what is an access id?")
    await line.settled()

    assert ana.last.kind == "text"
    assert "letter" in ana.last.text


async def test_a_parent_who_takes_no_voice_notes_still_reads_everything(
    line: Line, ana: Person, mouth: ScriptedMouth, network: Network
) -> None:
    network.spoil("sendVoice", FORBIDDEN, times=9)
    await ana.types("/voice")
    await line.settled()
    await ana.types("what is an access id?")
    await line.settled()

    assert "letter" in ana.last.text


async def test_records_are_spoken_into_notes_that_cannot_be_passed_on(
    line: Line, ana: Person, mouth: ScriptedMouth, assistant: Assistant
) -> None:
    from bot.messages import Bearer  # noqa: PLC0415  (only here)

    await ana.types("/voice")
    await speaks(line, ana, b"OggS sign in")
    url = next(b for row in ana.last.buttons or ana.hears[-2].buttons for b in row if "web_app" in b)
    ticket = url["web_app"]["url"].rsplit("/", 1)[1]
    sender = f"{line.settings.bot_id}:{ana.number}"
    await assistant.submit_secret(
        ticket, {"password": PASSWORD}, bearer=Bearer("telegram", sender, "telegram:4101")
    )
    await line.settled()
    await ana.types("what are Maya's grades?")
    await line.settled()

    spoken = [shown for shown in ana.hears if shown.kind == "voice"]
    assert spoken[-1].is_protected
    assert "Maya" in mouth.said[-1][0]


@pytest.mark.case("C2")
async def test_a_spoken_password_is_deleted_and_not_repeated(
    line: Line, ana: Person, mouth: ScriptedMouth, caplog: pytest.LogCaptureFixture
) -> None:
    await ana.types("sign in, my username is mlopez")
    await line.settled()
    number = await speaks(line, ana, b"OggS secret")

    assert line.emulator.chats.shown[ana.chat, number].is_deleted
    assert "never say a password aloud" in ana.read
    history = await line.assistant.history("telegram", f"{line.settings.bot_id}:{ana.number}")
    assert "tiger" not in repr(history) + ana.read + caplog.text


async def test_what_was_not_heard_well_is_asked_back_with_buttons(
    line: Line, ana: Person, mouth: ScriptedMouth
) -> None:
    await speaks(line, ana, b"OggS unsure")

    assert ana.last.titles == ["Yes, that is right", "No"]


async def test_a_note_that_cannot_be_fetched_is_told(
    line: Line, ana: Person, mouth: ScriptedMouth, network: Network
) -> None:
    network.spoil("getFile", Cut(), times=9)
    await speaks(line, ana, b"OggS help")

    assert "did not reach me" in ana.last.text


async def test_a_note_is_fetched_again_after_a_line_that_broke(
    line: Line, ana: Person, mouth: ScriptedMouth, network: Network
) -> None:
    network.spoil("getFile", Cut(), times=2)
    await speaks(line, ana, b"OggS help")

    assert "did not reach me" not in ana.read
    assert "letter" in ana.read


async def test_twenty_megabytes_are_not_fetched(line: Line, ana: Person, mouth: ScriptedMouth) -> None:
    await speaks(line, ana, bytes(20_000_001))

    assert "less than a minute" in ana.last.text


@pytest.fixture
async def real(line: Line, assistant: Assistant, tmp_path: Path) -> AsyncIterator[Voicing]:
    found = find_voice(VoicePlaces(tmp_path.parent / "state"), PATIENT)
    voicing = Voicing(found.ears, found.mouth, read_spoken(DATA), found.notices, found)
    assistant.listen_with(voicing)
    line.channel.give_voice(voicing)
    async with voicing.working():
        yield voicing


@needs_ears
@needs_voices
async def test_a_real_voice_note_is_heard_and_answered_with_a_real_one(
    line: Line, ana: Person, real: Voicing
) -> None:
    asked = await real.say("What is an Access ID?", "en")
    assert isinstance(asked, Spoken)
    await ana.types("/voice")
    await speaks(line, ana, asked.audio)
    text, voice = ana.hears[-2:]
    assert voice.file is not None
    heard = await real.ears.hear(voice.file, HINT) if real.ears else None

    assert "Access ID" in ana.hears[-2].text
    assert "letter" in text.text
    assert isinstance(heard, Transcribed)
    assert "letter" in heard.text
